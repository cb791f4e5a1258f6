import { describe, expect, it } from "vitest";
import { assess } from "../../../src/statistics/decision/assessment.ts";
import { CANARY, epoch, METRICS, rate, tick } from "../canary-evidence.ts";

const decide = (more: Parameters<typeof tick>[0]) => assess(tick(more));

describe("A look at the evidence of a canary", () => {
  it("goes on while nothing is proven, and says how far it is", () => {
    const { verdict, reason, information } = decide({ cells: epoch(1000) });
    expect(verdict).toBe("continue");
    expect(reason).toContain("success is not proven yet");
    expect(information).toBeCloseTo(1 / 9);
  });

  it("promotes in the last stage once every claim is met", () => {
    const { verdict, reason, evidence } = decide({ cells: epoch(8000, { success: 0.81 }) });
    expect(verdict).toBe("promote");
    expect(reason).toContain("8,000 units an arm");
    expect(
      evidence.filter(({ role }) => role === "goal" || role === "guardrail").map((e) => e.verdict),
    ).toEqual(["met", "met", "met"]);
  });

  it("says what it misses because services had no room for it, and decides as without", () => {
    const dropped = { candidate: 620, control: 580, received: 22_800 };
    const missed =
      "5 % of the outcomes never came, as services had no room for them: 620 of the candidate's and 580 of the control's";
    for (const cells of [epoch(1000), epoch(8000, { success: 0.81 }), epoch(9000, { success: 0.785 })]) {
      const [all, some] = [decide({ cells }), decide({ cells, dropped })];
      expect(some).toMatchObject({ verdict: all.verdict, evidence: all.evidence });
      expect(some.alerts).toEqual([...all.alerts, missed]);
      expect(some.reason).toBe(all.verdict === "continue" ? all.reason : `${all.reason}; ${missed}`);
    }
  });

  it("promotes nothing before the last stage, however good", () => {
    expect(decide({ cells: epoch(8000, { success: 0.9 }), stage: 1 }).verdict).toBe("advance");
  });

  it("asks of a guardrail with a margin that it is proven too", () => {
    const slow = decide({ cells: epoch(8000, { success: 0.82, latency: 1085 }) });
    expect(slow.verdict).toBe("continue");
    expect(slow.reason).toContain("latency_ms is not proven yet");
  });

  it("needs a score of 2.2414 over the square root of the information", () => {
    const goal = decide({ cells: epoch(2250) }).evidence[0]!;
    expect(goal.boundary).toBeCloseTo(2.241402727604945 / 0.5, 9);
    expect(decide({ cells: epoch(2250), stage: 1 }).evidence[0]!.boundary).toBeNull();
  });

  it("ends inconclusive when all units are seen and a claim is unmet, with the interval and the power", () => {
    const { verdict, reason } = decide({ cells: epoch(9000, { success: 0.785 }) });
    expect(verdict).toBe("inconclusive");
    expect(reason).toMatch(/-1\.5 pp, between -3\.\d+ pp and \+0\.\d+ pp/);
    expect(reason).toMatch(/would have passed 89\.\d % of the time/);
  });

  it("tests a superior claim against no difference", () => {
    const canary = {
      ...CANARY,
      goal: { metric: "success", direction: "higher", claim: "superior" } as const,
    };
    expect(decide({ canary, cells: epoch(9000, { success: 0.8 }) }).verdict).toBe("inconclusive");
    expect(decide({ canary, cells: epoch(9000, { success: 0.83 }) }).verdict).toBe("promote");
  });

  it("proves nothing of values that are all the same but for what rounding left of their mean", () => {
    const canary = {
      ...CANARY,
      goal: { metric: "latency_ms", direction: "higher", claim: "superior" } as const,
      guardrails: [],
    };
    const cells = [
      { epoch: 0, arm: "candidate", metric: "latency_ms", units: 9000, n: 9000, mean: 3.3999999999999955 },
      { epoch: 0, arm: "control", metric: "latency_ms", units: 9000, n: 9000, mean: 3.3999999999999946 },
    ] as const;
    const of = (m2: number) => decide({ canary, cells: cells.map((cell) => ({ ...cell, m2 })) });
    expect(of(1e-26).verdict).toBe("inconclusive");
    expect(of(1e-26).evidence[0]).toMatchObject({ metric: "latency_ms", z: null });
    expect(of(0).verdict).toBe("inconclusive");
  });

  it("promotes what is only proven no worse when the policy says so", () => {
    const goal = { ...CANARY.goal, claim: "superior" as const };
    const canary = { ...CANARY, goal, on_inconclusive: "promote_if_noninferior" as const };
    expect(decide({ canary, cells: epoch(9000) }).verdict).toBe("promote");
    expect(decide({ canary, cells: epoch(9000, { success: 0.785 }) }).verdict).toBe("inconclusive");
    expect(decide({ canary: { ...canary, on_inconclusive: "hold" }, cells: epoch(9000) }).verdict).toBe(
      "inconclusive",
    );
  });

  it("looks once, at the end, under a fixed horizon", () => {
    const canary = { ...CANARY, promote_by: "fixed_horizon" as const };
    expect(decide({ canary, cells: epoch(8999, { success: 0.9 }) }).verdict).toBe("continue");
    expect(decide({ canary, cells: epoch(9000) }).verdict).toBe("promote");
    expect(decide({ canary, cells: epoch(9000) }).evidence[0]!.boundary).toBeCloseTo(1.959963984540054, 9);
    expect(decide({ canary, cells: epoch(9000, { success: 0.785 }) }).verdict).toBe("inconclusive");
  });
});

describe("Harm", () => {
  it("is found in the goal, in either direction of better", () => {
    const { verdict, reason } = decide({ cells: epoch(400, { success: 0.6 }), stage: 0 });
    expect(verdict).toBe("harm");
    expect(reason).toContain("success is worse with the candidate by 20 pp: 60 % against 80 %");
    expect(decide({ cells: epoch(400, { success: 0.97 }), stage: 0 }).verdict).not.toBe("harm");
  });

  it("is not called below 30 units an arm", () => {
    expect(decide({ cells: epoch(29, { success: 0 }), stage: 0 }).verdict).toBe("continue");
    expect(decide({ cells: epoch(30, { success: 0 }), stage: 0 }).verdict).toBe("harm");
  });

  it("is seen where every candidate unit fails and every control unit succeeds, though nothing varies", () => {
    expect(decide({ cells: epoch(100, { success: 0 }, { success: 1 }) }).verdict).toBe("harm");
  });

  it("of rare events is found by their counts, beyond the ratio that is tolerated", () => {
    const { verdict, reason } = decide({ cells: epoch(300, { error: 0.1 }) });
    expect(verdict).toBe("harm");
    expect(reason).toContain("error happens more often with the candidate: 10 % against 1 %");
    expect(decide({ cells: epoch(3000, { error: 0.014 }) }).verdict).toBe("continue");
  });

  it("of latency counts only beyond its margin, of errors at once", () => {
    expect(decide({ cells: epoch(6000, { latency: 1090 }), stage: 1 }).verdict).toBe("advance");
    expect(decide({ cells: epoch(6000, { latency: 1250 }), stage: 1 }).verdict).toBe("harm");
    const guardrails = [
      { metric: "error_score", direction: "lower", margin: { kind: "relative", value: 0.1 } } as const,
    ];
    const cells = epoch(6000, { latency: 1090 }).map((cell) =>
      cell.metric === "latency_ms" ? { ...cell, metric: "error_score" } : cell,
    );
    expect(decide({ canary: { ...CANARY, guardrails, fuses: [] }, cells, stage: 1 }).verdict).toBe("harm");
  });

  it("up to a tolerance that the policy names is let pass", () => {
    const guardrails = [
      { metric: "latency_ms", direction: "lower", margin: { kind: "relative", value: 0.1 } } as const,
      { metric: "error", direction: "lower" } as const,
    ];
    const strict = guardrails.map((rail) => ({
      ...rail,
      rollback_tolerance: { kind: "absolute", value: 0 } as const,
    }));
    const cells = epoch(6000, { latency: 1090 });
    expect(decide({ canary: { ...CANARY, guardrails }, cells }).verdict).not.toBe("harm");
    expect(decide({ canary: { ...CANARY, guardrails: strict }, cells }).verdict).toBe("harm");
  });

  it("is looked for while paused or waiting for approval, and nothing else but fuse, invalid and time-out", () => {
    expect(decide({ cells: epoch(400, { success: 0.6 }), frozen: true }).verdict).toBe("harm");
    expect(decide({ cells: epoch(8000, { success: 0.82 }), frozen: true }).verdict).toBe("continue");
    expect(decide({ cells: epoch(8000), frozen: true, stage: 0 }).verdict).toBe("continue");
    expect(decide({ cells: epoch(9000), frozen: true, promoteNow: true }).verdict).toBe("continue");
    const elapsedMs = CANARY.max_duration_ms;
    expect(decide({ cells: epoch(9000), frozen: true, elapsedMs }).verdict).toBe("inconclusive");
  });

  it("is all that a holdback looks for", () => {
    const holdback = { mode: "holdback" as const, elapsedMs: 2 * CANARY.max_duration_ms };
    expect(decide({ cells: epoch(400, { success: 0.6 }), ...holdback }).verdict).toBe("harm");
    expect(decide({ cells: epoch(9000, { success: 0.9 }), ...holdback }).verdict).toBe("continue");
    expect(decide({ cells: [], ...holdback }).verdict).toBe("continue");
  });

  it("names what an operator's promotion passes over, in its reason and for the audit log", () => {
    const early = decide({ cells: epoch(200), stage: 0, promoteNow: true });
    expect(early.verdict).toBe("promote");
    expect(early.reason).toContain("passes over: stage 1 of 3");
    const last = decide({ cells: epoch(1000), promoteNow: true });
    expect(last.passes!.join()).toContain("success is not proven yet");
    const proven = decide({ cells: epoch(8000, { success: 0.81 }), promoteNow: true });
    expect(proven.reason).toBe("an operator asked for promotion, and nothing shows harm");
    expect(proven.passes).toEqual([]);
  });

  it("says beside no harm how small a harm would have shown, and the difference as a part with its p", () => {
    const few = decide({ cells: epoch(200), stage: 0 }).evidence[0]!;
    const many = decide({ cells: epoch(8000, { success: 0.79 }), stage: 0 }).evidence[0]!;
    expect(few.smallestHarm! / many.smallestHarm!).toBeGreaterThan(4);
    expect(few.note).toMatch(/no proven harm.*; harm of \d+(\.\d+)? pp would have shown/);
    expect(many.lift).toBeCloseTo(-0.01 / 0.8, 9);
    const clear = decide({ cells: epoch(8000, { success: 0.77 }), stage: 0 }).evidence[0]!;
    expect(clear.pDifference).toBeLessThan(0.01);
  });

  it("shows at its boundary the estimate that the luck of stopping there has not moved", () => {
    const canary = {
      ...CANARY,
      goal: { metric: "success", direction: "higher", claim: "superior" } as const,
      guardrails: [],
    };
    // Just over the boundary at half of the units.
    const found = decide({ canary, cells: epoch(4500, { success: 0.8269 }) });
    expect(found.verdict).toBe("promote");
    const goal = found.evidence[0]!;
    expect(goal.z! / goal.boundary!).toBeLessThan(1.1);
    expect(goal.unbiased).toBeGreaterThan(0);
    expect(goal.unbiased).toBeLessThan(goal.diff!);
    expect(goal.note).toContain("without the luck of stopping here: +");
    const sure = decide({ canary, cells: epoch(4500, { success: 0.9 }) }).evidence[0]!;
    expect(sure.unbiased).toBeUndefined();
  });

  it("stops a promotion that a person asked for", () => {
    expect(decide({ cells: epoch(400, { success: 0.6 }), promoteNow: true, stage: 0 }).verdict).toBe("harm");
    expect(decide({ cells: epoch(40), promoteNow: true, stage: 0 }).verdict).toBe("promote");
    expect(decide({ cells: [], promoteNow: true, stage: 0 })).toMatchObject({
      verdict: "continue",
      reason: expect.stringContaining("takes evidence") as string,
    });
  });

  it("is judged within epochs: a baseline that drifts while the share grows is nobody's fault", () => {
    const cells = [0.82, 0.8, 0.78].flatMap((success, k) =>
      epoch([300, 1500, 7000][k]!, { success }, { success }, k),
    );
    const { evidence, verdict } = decide({ cells });
    expect(evidence[0]!.diff).toBeCloseTo(0, 12);
    expect(verdict).not.toBe("harm");
  });
});

describe("A rare guardrail with an absolute margin", () => {
  const guardrails = [
    { metric: "error", direction: "lower", margin: { kind: "absolute", value: 0.005 } } as const,
  ];
  const canary = { ...CANARY, guardrails };

  it("must be proven within it", () => {
    expect(decide({ canary, cells: epoch(9000, { success: 0.82 }) }).verdict).toBe("promote");
    const more = decide({ canary, cells: epoch(9000, { success: 0.82, error: 0.0135 }) });
    expect(more.verdict).toBe("inconclusive");
    expect(more.reason).toContain("error at most 1.5 %, 1.5 times today's 1 %");
    expect(more.reason).toContain("is not shown");
  });

  it("is met by a candidate without any error, once the units suffice", () => {
    expect(decide({ canary, cells: epoch(9000, { success: 0.82, error: 0 }, { error: 0 }) }).verdict).toBe(
      "promote",
    );
    expect(decide({ canary, cells: epoch(900, { success: 0.9, error: 0 }, { error: 0 }) }).verdict).toBe(
      "continue",
    );
  });
});

describe("A stage", () => {
  it("is left after its time, with enough units and no harm: it asks for no significance", () => {
    const cells = epoch(100);
    expect(decide({ cells, stage: 0 }).verdict).toBe("advance");
    expect(decide({ cells, stage: 0, dwellMs: 3_599_999 }).verdict).toBe("continue");
    expect(decide({ cells: epoch(99), stage: 0 }).verdict).toBe("continue");
  });

  it("is not left on silence: a metric that arrives in no arm, or in one, holds it", () => {
    const cells = epoch(100).filter((cell) => cell.metric !== "latency_ms");
    const silent = [
      ...cells,
      ...(["candidate", "control"] as const).map((arm) => rate(arm, "latency_ms", 0, 0)),
    ];
    expect(decide({ cells, stage: 0 }).verdict).toBe("continue");
    const units = silent.map((cell) => ({ ...cell, units: 100 }));
    const { verdict, reason } = decide({ cells: units, stage: 0 });
    expect(verdict).toBe("continue");
    expect(reason).toContain("latency_ms has been seen for 0 candidate and 0 control units");
  });

  it("is not left while a metric is stale", () => {
    const silenceMs = { error: { candidate: 600_001, control: 0 } };
    const { verdict, reason, alerts } = decide({ cells: epoch(100), stage: 0, silenceMs });
    expect(verdict).toBe("continue");
    expect(reason).toContain("no error has come from the candidate for 10 minutes");
    expect(alerts).toHaveLength(1);
    const fresh = { error: { candidate: 600_000, control: 0 } };
    expect(decide({ cells: epoch(100), stage: 0, silenceMs: fresh }).verdict).toBe("advance");
  });
});

describe("The fuse", () => {
  const only = { ...CANARY, guardrails: [CANARY.guardrails[0]!] };
  /** Looks at epoch 0 as it grows by steps of units, each with its share of errors; what was decided at the end. */
  const looks = (steps: readonly (readonly [n: number, candidate: number, control: number])[]) => {
    let [n, x, y] = [0, 0, 0];
    let last = decide({ canary: only, cells: epoch(0) });
    for (const [more, candidate, control] of steps) {
      [n, x, y] = [n + more, x + more * candidate, y + more * control];
      const cells = epoch(n, { error: x / n }, { error: y / n });
      last = decide({ canary: only, cells, stage: 0, dwellMs: 0, fuses: last.fuses! });
      if (last.verdict !== "continue") break;
    }
    return { ...last, units: n };
  };

  it("blows after six units where everything fails, and waits where half do until it is sure", () => {
    const all = looks(Array.from({ length: 40 }, () => [1, 1, 0] as const));
    expect(all).toMatchObject({ verdict: "fuse", units: 6 });
    expect(all.reason).toContain(
      "error is 100 % over the newest 6 candidate units, surely above its limit of 20 %",
    );
    const half = looks(Array.from({ length: 60 }, (_, k) => [1, (k + 1) % 2, 0] as const));
    expect(half.verdict).toBe("fuse");
    expect(half.units).toBeGreaterThan(20);
    expect(half.units).toBeLessThan(45);
  });

  it("does not blow at its limit, however often one looks", () => {
    expect(looks(Array.from({ length: 600 }, () => [5, 0.2, 0.2] as const)).verdict).not.toBe("fuse");
  });

  it("sees a breakdown behind thousands of good units, in the same epoch or in the next", () => {
    const good = Array.from({ length: 900 }, () => [10, 0, 0] as const);
    const broken = Array.from({ length: 10 }, () => [4, 1, 0] as const);
    const found = looks([...good, ...broken]);
    expect(found.verdict).toBe("fuse");
    expect(found.units - 9000).toBeLessThanOrEqual(20);
    const next = [...epoch(9000, {}, {}, 0), ...epoch(40, { error: 0.9 }, { error: 0.01 }, 1)];
    expect(decide({ canary: only, cells: next }).verdict).toBe("fuse");
  });

  it("holds and alerts where both arms are over its limit: a rollback would mend nothing", () => {
    const outage = looks(Array.from({ length: 10 }, () => [10, 1, 1] as const));
    expect(outage.verdict).toBe("continue");
    expect(outage.reason).toContain("above its limit of 20 % in both arms");
    expect(outage.alerts.join()).toContain("in both arms");
  });

  it("on a quantity blows once its mean is surely beyond the limit", () => {
    const canary = { ...only, fuses: [{ metric: "latency_ms", above: 2000 }] };
    expect(decide({ canary, cells: epoch(29, { latency: 9000 }) }).verdict).not.toBe("fuse");
    expect(decide({ canary, cells: epoch(60, { latency: 9000 }) }).verdict).toBe("fuse");
    expect(decide({ canary, cells: epoch(60, { latency: 2100 }) }).verdict).not.toBe("fuse");
    expect(decide({ canary, cells: epoch(60, { latency: 9000 }, { latency: 9000 }) }).verdict).not.toBe(
      "fuse",
    );
  });

  it("comes before everything else, also while paused", () => {
    const exposures = [{ epoch: 0, candidate: 2000, control: 200 }];
    const cells = epoch(200, { error: 0.9 });
    expect(decide({ cells, exposures, frozen: true }).verdict).toBe("fuse");
  });
});

describe("The split", () => {
  it("holds and alerts from odds of 100, and is invalid from 1000", () => {
    const held = decide({
      cells: epoch(500),
      stage: 0,
      exposures: [{ epoch: 0, candidate: 570, control: 440 }],
    });
    expect(Math.exp(held.splitLogE)).toBeGreaterThan(100);
    expect(Math.exp(held.splitLogE)).toBeLessThan(1000);
    expect(held.verdict).toBe("continue");
    expect(held.alerts[0]).toContain("570 candidate and 440 control units");
    const invalid = decide({
      cells: epoch(500),
      stage: 0,
      exposures: [{ epoch: 0, candidate: 620, control: 440 }],
    });
    expect(invalid.verdict).toBe("invalid");
    expect(invalid.reason).toContain("the split is off");
  });

  it("counts an arm without any unit", () => {
    const exposures = [{ epoch: 0, candidate: 0, control: 60 }];
    expect(decide({ cells: [], exposures, stage: 0 }).verdict).toBe("invalid");
  });

  it("comes before harm: numbers of a broken split prove nothing", () => {
    const exposures = [{ epoch: 0, candidate: 900, control: 400 }];
    expect(decide({ cells: epoch(400, { success: 0.5 }), exposures }).verdict).toBe("invalid");
  });
});

describe("Coverage", () => {
  /** 1,000 units an arm, so many of them with a value of success. */
  const arrived = (candidate: number, control: number) =>
    epoch(1000).map((cell) => {
      const n = cell.arm === "candidate" ? candidate : control;
      return cell.metric === "success" ? { ...cell, n, m2: n * 0.16 } : cell;
    });

  it("that the candidate loses is harm, and that the control loses is invalid", () => {
    const lost = decide({ cells: arrived(700, 1000) });
    expect(lost.verdict).toBe("harm");
    expect(lost.reason).toContain(
      "success goes missing with the candidate: it arrived for 700 of 1,000 candidate units and 1,000 of 1,000 control",
    );
    expect(lost.evidence.find(({ role }) => role === "coverage")?.verdict).toBe("harm");
    const other = decide({ cells: arrived(1000, 700) });
    expect(other.verdict).toBe("invalid");
    expect(other.reason).toContain("success goes missing with the control");
  });

  it("of nearly all units is seen to shrink by the few that are missing", () => {
    expect(decide({ cells: arrived(940, 1000) }).verdict).toBe("harm");
    expect(decide({ cells: arrived(953, 1000) }).alerts.join()).toContain("goes missing");
    expect(decide({ cells: arrived(940, 950) }).verdict).toBe("continue");
  });

  it("of what few give of their own will is shown, and is no harm and not invalid", () => {
    const metrics = { ...METRICS, success: { ...METRICS["success"]!, coverage: "reported" as const } };
    const { verdict, evidence } = decide({ metrics, cells: arrived(60, 30) });
    expect(verdict).toBe("continue");
    const line = evidence.find(({ role }) => role === "coverage")!;
    expect(line.note).toContain("success is given by 6 % of the candidate's units and 3 % of the control's");
    expect(line.ci![0]).toBeLessThan(0.03);
    expect(line.ci![1]).toBeGreaterThan(0.03);
    const ignored = { ...METRICS, success: { ...METRICS["success"]!, coverage: "ignore" as const } };
    expect(decide({ metrics: ignored, cells: arrived(700, 1000) }).verdict).toBe("continue");
  });

  it("of a rare metric is not compared when only events are recorded", () => {
    const cells = epoch(1000).map((cell) =>
      cell.metric === "error" ? { ...cell, n: cell.arm === "candidate" ? 4 : 24, mean: 1, m2: 0 } : cell,
    );
    const { verdict, evidence } = decide({ cells, stage: 1 });
    expect(verdict).toBe("advance");
    expect(
      evidence.find(({ metric, role }) => metric === "error" && role === "guardrail")?.mean.control,
    ).toBe(0.024);
  });
});

describe("Time-out", () => {
  const elapsedMs = CANARY.max_duration_ms;

  it("ends inconclusive and says what was missing", () => {
    const { verdict, reason } = decide({ cells: epoch(4000), elapsedMs });
    expect(verdict).toBe("inconclusive");
    expect(reason).toContain("after 14 days");
  });

  it("is no data when nothing ever arrived; before that, silence only holds", () => {
    const exposures = [{ epoch: 0, candidate: 50, control: 50 }];
    expect(decide({ cells: [], exposures }).verdict).toBe("continue");
    expect(decide({ cells: [], exposures, elapsedMs }).verdict).toBe("no_data");
    expect(decide({ cells: [], exposures: [], elapsedMs, stage: 0 }).verdict).toBe("no_data");
  });

  it("promotes nothing by itself", () => {
    const canary = { ...CANARY, on_inconclusive: "promote_if_noninferior" as const };
    expect(decide({ canary, cells: epoch(4000), elapsedMs }).verdict).toBe("inconclusive");
    const stale = { error: { candidate: null, control: null } };
    expect(decide({ canary, cells: epoch(9000), elapsedMs, silenceMs: stale }).verdict).toBe("inconclusive");
    expect(decide({ canary, cells: epoch(9000), elapsedMs, stage: 0, dwellMs: 0 }).verdict).toBe(
      "inconclusive",
    );
  });

  it("with one metric missing to the end says which", () => {
    const without = (n: number) =>
      epoch(n).map((cell) => (cell.metric === "success" ? { ...cell, n: 0, mean: 0, m2: 0 } : cell));
    const lacks = "success has been seen for 0 candidate and 0 control units, and 30 of each are needed";
    expect(decide({ cells: without(8000) })).toMatchObject({ verdict: "continue" });
    const late = decide({ cells: without(8000), elapsedMs });
    expect(late.verdict).toBe("inconclusive");
    expect(late.reason).toContain(lacks);
    // With all units seen to their end nothing more can come: there is nothing to wait for.
    const end = decide({ cells: without(9000) });
    expect(end.verdict).toBe("inconclusive");
    expect(end.reason).toContain(`all the units planned have been seen, and ${lacks}`);
  });
});

describe("Enrolment ends at max_units", () => {
  const fresh = {
    metrics: { ...METRICS, error: { kind: "rare" as const, window_ms: 0, freshness_ms: 600_000 } },
  };
  const old = { error: { candidate: 900_000, control: 900_000 } };
  const exposures = [
    { epoch: 0, candidate: 8000, control: 8000, stage: 1 },
    { epoch: 1, candidate: 1000, control: 1000, stage: 2 },
  ];
  const cells = (last: number) => [...epoch(8000), ...epoch(last, {}, {}, 1)];

  it("a metric without any unit left to come is not stale, while another one waits for its window", () => {
    const open = cells(1000).map((cell) =>
      cell.metric === "success" && cell.epoch === 1 ? { ...cell, units: 900, n: 900, m2: 144 } : cell,
    );
    const metrics = { ...fresh.metrics, success: { kind: "proportion" as const, window_ms: 3_600_000 } };
    const waits = decide({ metrics, cells: open, exposures, silenceMs: old });
    expect(waits.reason).not.toContain("no error has come");
    // As long as units come it is.
    const enrolling = [exposures[0]!, { ...exposures[1]!, candidate: 999 }];
    expect(decide({ metrics, cells: open, exposures: enrolling, silenceMs: old }).reason).toContain(
      "no error has come",
    );
    // What never came at all is missing, however many units there are.
    const never = { error: { candidate: null, control: null } };
    expect(
      decide({ metrics, cells: open, exposures, silenceMs: never, elapsedMs: 700_000 }).reason,
    ).toContain("no error has ever come");
  });

  it("says so, with what is still waited for", () => {
    const open = [...epoch(8000, { success: 0.79 }), ...epoch(900, {}, {}, 1)];
    const { verdict, reason } = decide({ ...fresh, cells: open, exposures });
    expect(verdict).toBe("continue");
    expect(reason).toMatch(
      /is not (proven|shown) yet.*; all 9,000 units an arm are enrolled, 200 units wait for their window/,
    );
    const earlier = decide({
      cells: epoch(9000),
      exposures: [{ epoch: 0, candidate: 9000, control: 9000, stage: 1 }],
      stage: 1,
      dwellMs: 0,
    });
    expect(earlier.reason).toContain(
      "all 9,000 units an arm are enrolled, and the last stage takes 100 more",
    );
  });

  it("ends a hold that no unit can end any more, and no other", () => {
    const lost = (n: number, last: number) =>
      [...epoch(n), ...epoch(last, {}, {}, 1)].map((cell) =>
        cell.metric === "success" && cell.arm === "control"
          ? { ...cell, n: Math.round(cell.n * 0.995) }
          : cell,
      );
    const held = decide({
      cells: lost(8000, 900),
      exposures,
    });
    expect(held.verdict).toBe("continue");
    expect(held.reason).toMatch(/^held: success goes missing with the control/);
    const over = decide({ cells: lost(8000, 1000), exposures });
    expect(over.verdict).toBe("inconclusive");
    expect(over.reason).toMatch(
      /^inconclusive: all the units planned have been seen, and success goes missing/,
    );
    expect(decide({ cells: lost(8000, 1000), exposures, frozen: true }).verdict).toBe("continue");
  });
});

describe("Values that are no numbers", () => {
  it.each([
    ["NaN", { mean: Number.NaN }],
    ["infinite", { mean: Infinity }],
    ["of an infinite spread", { m2: Infinity }],
    ["a rate above 1", { mean: 3 }],
  ])("%s decide nothing and are told", (_, bad) => {
    const cells = epoch(9000, { success: 0.9 }).map((cell) =>
      cell.metric === "success" && cell.arm === "candidate" ? { ...cell, ...bad } : cell,
    );
    const { verdict, alerts, evidence } = decide({ cells });
    expect(verdict).toBe("continue");
    expect(alerts.join()).toContain("success holds values that cannot be used");
    expect(evidence[0]!.verdict).toBe("not_enough_data");
  });

  it("near the end of a double hold instead of deciding", () => {
    const cells = epoch(9000, { success: 0.9 }).map((cell) =>
      cell.metric === "latency_ms" && cell.arm === "candidate" ? { ...cell, mean: 1e200, m2: 1e308 } : cell,
    );
    expect(decide({ cells }).verdict).not.toBe("promote");
  });
});

describe("A margin of the wrong sign", () => {
  it("is no margin: it neither promotes nor tolerates", () => {
    const goal = { ...CANARY.goal, margin: { kind: "absolute", value: -0.02 } as const };
    expect(decide({ canary: { ...CANARY, goal }, cells: epoch(9000) }).verdict).toBe("inconclusive");
  });
});

describe("A metric named twice", () => {
  it("counts once, as the goal", () => {
    const guardrails = [...CANARY.guardrails, { metric: "success", direction: "lower" } as const];
    const { evidence } = decide({ canary: { ...CANARY, guardrails }, cells: epoch(400) });
    expect(evidence.filter(({ metric }) => metric === "success").map(({ role }) => role)).toEqual(["goal"]);
    expect(METRICS["success"]).toBeDefined();
  });
});
