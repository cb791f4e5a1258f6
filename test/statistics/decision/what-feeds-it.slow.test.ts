import { describe, expect, it } from "vitest";
import type { MetricSpec } from "../../../src/domain/policy/policy.ts";
import type { Cell } from "../../../src/domain/rollout/verdict.ts";
import { assess, type AssessmentInput } from "../../../src/statistics/decision/assessment.ts";
import { checkCoverage, checkSplit } from "../../../src/statistics/decision/data-quality.ts";
import { fullArms, roomLeft } from "../../../src/statistics/decision/enrolment-end.ts";
import { observe } from "../../../src/statistics/decision/observations.ts";
import { sampler, seededRandom } from "../../../src/statistics/planning/seeded-random.ts";
import { CANARY, epoch, METRICS, rate, tick } from "../canary-evidence.ts";

const decide = (more: Parameters<typeof tick>[0]) => assess(tick(more));
const ARMS = ["candidate", "control"] as const;

/** Cells of values as the fold makes them; those over the cap count as the cap, and in its companion. */
function cellsOf(
  metric: string,
  values: Readonly<Record<(typeof ARMS)[number], readonly number[]>>,
  cap = Infinity,
): Cell[] {
  return ARMS.flatMap((arm) => {
    const given = values[arm];
    const n = given.length;
    const cut = given.map((value) => Math.min(cap, value));
    const mean = cut.reduce((sum, value) => sum + value, 0) / n;
    const over = given.filter((value) => value > cap).length / n;
    return [
      {
        epoch: 0,
        arm,
        metric,
        units: n,
        n,
        mean,
        m2: cut.reduce((sum, value) => sum + (value - mean) ** 2, 0),
        uncapped: given.reduce((sum, value) => sum + value, 0) / n,
      },
      rate(arm, `${metric} over cap`, n, over),
    ];
  });
}

describe("Silence", () => {
  const metrics = { ...METRICS, unanswered: { kind: "rare", window_ms: 0 } as MetricSpec };
  const silent = (n: number, candidate: number, control: number) => [
    ...epoch(n),
    rate("candidate", "unanswered", n, candidate),
    rate("control", "unanswered", n, control),
  ];

  it("of more units of the candidate is harm, however good the others are", () => {
    const { verdict, reason } = decide({ metrics, cells: silent(1000, 0.03, 0.005) });
    expect(verdict).toBe("harm");
    expect(reason).toContain("more units of the candidate stay without any outcome: 3 % against 0.5 %");
  });

  it("of both arms alike is none, and does not have to be shown", () => {
    const { verdict, evidence } = decide({ metrics, cells: silent(9000, 0.2, 0.2) });
    expect(verdict).toBe("promote");
    expect(evidence.find(({ metric }) => metric === "unanswered")).toMatchObject({ verdict: "met", z: null });
  });

  it("takes its part of the level: the promise holds over it as well", () => {
    expect(decide({ cells: epoch(500) }).evidence[0]!.alpha).toBeCloseTo(0.05 / 3);
    expect(decide({ metrics, cells: silent(500, 0, 0) }).evidence[0]!.alpha).toBeCloseTo(0.05 / 4);
  });
});

describe("The last stage", () => {
  const exposures = [
    { epoch: 0, candidate: 8000, control: 8000, stage: 1 },
    { epoch: 1, candidate: 99, control: 99, stage: 2 },
  ];

  it("counts on its own: nothing is promoted before it has its minimum of units, and its time", () => {
    const good = { success: 0.82 };
    const early = [...epoch(8000, good), ...epoch(99, good, {}, 1)];
    const { verdict, reason } = decide({ cells: early, exposures });
    expect(verdict).toBe("continue");
    expect(reason).toContain(
      "in the last stage 99 units an arm have completed their window of success; 100 are needed",
    );
    const enough = [...epoch(8000, good), ...epoch(100, good, {}, 1)];
    expect(decide({ cells: enough, exposures }).verdict).toBe("promote");
    const short = decide({ cells: enough, exposures, dwellMs: CANARY.interval_ms - 1000 });
    expect(short).toMatchObject({
      verdict: "continue",
      reason: "no harm so far; 1 second of the last stage are left",
    });
  });

  it("is not ended by units of earlier stages alone", () => {
    const cells = [...epoch(9000), ...epoch(10, {}, {}, 1)];
    const of = [
      { epoch: 0, candidate: 9000, control: 9000, stage: 1 },
      { epoch: 1, candidate: 10, control: 10, stage: 2 },
    ];
    expect(decide({ cells, exposures: of }).verdict).toBe("continue");
  });
});

describe("A tolerance", () => {
  const cells = epoch(9000, { success: 0.785 }, { success: 0.81 });
  const goal = (more: object) => ({
    ...CANARY,
    goal: { ...CANARY.goal, margin: { kind: "absolute", value: 0.05 } as const, ...more },
  });

  it("of nothing rolls back what is worse, and says where that is within the margin", () => {
    const { verdict, reason } = decide({ canary: goal({}), cells, stage: 1 });
    expect(verdict).toBe("harm");
    expect(reason).toContain("success is worse with the candidate by 2.5 pp, though within the margin");
  });

  it("of the margin lets it pass", () => {
    const canary = goal({ rollback_tolerance: { kind: "absolute", value: 0.05 } });
    expect(decide({ canary, cells, stage: 1 }).verdict).toBe("advance");
  });
});

describe("What few give of their own will", () => {
  it("is promoted with the worst that those who did not give it could make of it", () => {
    const metrics = { ...METRICS, success: { ...METRICS["success"]!, coverage: "reported" as const } };
    const cells = epoch(9000, { success: 0.85 }, { success: 0.8 }).map((cell) =>
      cell.metric === "success" ? { ...cell, n: 6000, m2: 6000 * 0.16 } : cell,
    );
    const { verdict, reason } = decide({ metrics, cells });
    expect(verdict).toBe("promote");
    expect(reason).toContain(
      "66.7 % and 66.7 % gave success: among those who would give it either way the difference is +5 pp to +5 pp",
    );
    const more = cells.map((cell) =>
      cell.metric === "success" && cell.arm === "candidate" ? { ...cell, n: 6600, m2: 6600 * 0.1275 } : cell,
    );
    expect(decide({ metrics, cells: more }).reason).toMatch(/the difference is \+3\.5 pp to \+13\.5 pp/);
  });
});

describe("A cap", () => {
  const CAP = 10;
  const metrics: AssessmentInput["metrics"] = {
    success: METRICS["success"]!,
    cost: { kind: "mean", window_ms: 0, cap: CAP },
  };
  const canary = {
    ...CANARY,
    goal: { ...CANARY.goal, margin: { kind: "absolute", value: 0.05 } as const },
    guardrails: [{ metric: "cost", direction: "lower", margin: { kind: "relative", value: 0.1 } } as const],
    fuses: [],
  };
  const draw = sampler(seededRandom(9));

  /** Lognormal costs whose 99th percentile is the cap; of the candidate's users a part pays so many times as much. */
  function run(part: number, times: number): { verdict: string; reason: string } {
    const costs = { candidate: [] as number[], control: [] as number[] };
    let baseRates: AssessmentInput["baseRates"] = {};
    for (let n = 600; ; n += 600) {
      for (const arm of ARMS)
        while (costs[arm].length < n) {
          const hit = arm === "candidate" && draw.binomial(1, part) === 1;
          costs[arm].push((CAP / Math.exp(2.3263)) * Math.exp(draw.normal()) * (hit ? times : 1));
        }
      const cells = [
        ...epoch(n).filter(({ metric }) => metric === "success"),
        ...cellsOf("cost", costs, CAP),
      ];
      const look = decide({ canary, metrics, cells, baseRates });
      baseRates = look.baseRates!;
      if (look.verdict !== "continue") return look;
    }
  }
  const promoted = (part: number, times: number, runs: number) =>
    Array.from({ length: runs }, () => run(part, times)).filter(({ verdict }) => verdict === "promote")
      .length / runs;

  it("does not hide a bill that doubles by one user in two hundred", () => {
    expect(promoted(0.005, 200, 60)).toBeLessThanOrEqual(0.1);
  });

  it("and what it counts does not stop harmless versions", () => {
    expect(promoted(0, 1, 40)).toBeGreaterThanOrEqual(0.65);
  });

  it("shows the whole means beside the capped ones, and in the sentence where they differ by more than the margin", () => {
    const rich = {
      candidate: [...Array<number>(990).fill(1), ...Array<number>(10).fill(300)],
      control: Array<number>(1000).fill(1.001),
    };
    rich.control[0] = 1;
    const cells = [...epoch(1000).filter(({ metric }) => metric === "success"), ...cellsOf("cost", rich, 5)];
    const { evidence } = decide({
      canary,
      metrics: { ...metrics, cost: { ...metrics["cost"]!, cap: 5 } },
      cells,
    });
    const cost = evidence.find(({ metric, role }) => metric === "cost" && role === "guardrail")!;
    expect(cost.uncapped!.candidate).toBeCloseTo(3.99);
    expect(cost.note).toContain("(uncapped 3.99 against 1.001)");
  });
});

describe("An arm that is full", () => {
  const canary = { ...CANARY, min_units: 40, max_units: 600 };
  const of = (exposures: AssessmentInput["exposures"], most = canary) => ({
    canary: most,
    exposures,
    mode: "canary" as const,
  });
  const split = (exposures: AssessmentInput["exposures"], most = canary) =>
    checkSplit(exposures, fullArms(of(exposures, most)));
  const coverage = (exposures: AssessmentInput["exposures"], valued = { candidate: 1, control: 1 }) => {
    const cells = exposures.flatMap((units) =>
      ARMS.map((arm) => ({
        ...rate(arm, "success", Math.round(units[arm] * valued[arm]), 0.8, units.epoch),
        units: units[arm],
      })),
    );
    return checkCoverage(
      observe("success", { kind: "proportion" }, cells),
      "must_match",
      fullArms(of(exposures)),
    );
  };
  const ahead = [
    { epoch: 0, candidate: 90, control: 70, stage: 0 },
    { epoch: 1, candidate: 473, control: 425, stage: 1 },
  ];
  const filledUp = [...ahead, { epoch: 2, candidate: 40, control: 105, stage: 2 }];

  it("says nothing about the split: the other one fills up too", () => {
    expect(split(filledUp)).toMatchObject({ invalid: undefined, holds: [] });
    expect(coverage(filledUp)).toMatchObject({ invalid: undefined, harm: undefined, holds: [] });
    // Where nobody is turned away the same numbers are a split that is off.
    expect(split(filledUp, CANARY).invalid).toContain("the split is off");
  });

  it("does not hide that the other one is missing, or that its values are", () => {
    for (const control of [0, 30, 250])
      expect(split([{ epoch: 0, candidate: 600, control, stage: 2 }]).invalid).toContain("the split is off");
    const missing = [...ahead, { epoch: 2, candidate: 40, control: 0, stage: 2 }];
    expect(split(missing).logE).toBeGreaterThan(split(ahead).logE + 5);
    expect(coverage(filledUp, { candidate: 0.85, control: 1 }).harm).toContain(
      "goes missing with the candidate",
    );
    expect(coverage(filledUp, { candidate: 1, control: 0.85 }).invalid).toContain(
      "goes missing with the control",
    );
  });

  it("is found off by chance in no more rollouts than promised, whenever it fills up", () => {
    const draw = sampler(seededRandom(7));
    const runs = 4_000;
    const off = { split: 0, all: 0, most: 0 };
    for (let run = 0; run < runs; run++) {
      const exposures = [0, 1, 2].map((stage) => ({ epoch: stage, candidate: 0, control: 0, stage }));
      const found = { split: false, all: false, most: false };
      for (let look = 0; look < 24; look++) {
        const stage = Math.min(2, Math.floor(look / 6));
        const candidates = draw.binomial(80, 0.5);
        for (const arm of ARMS) {
          const inAll = exposures.reduce((sum, units) => sum + units[arm], 0);
          const room = roomLeft(canary, { inAll, inLastStage: exposures[2]![arm] }, stage === 2);
          exposures[stage]![arm] += Math.min(arm === "candidate" ? candidates : 80 - candidates, room);
        }
        const seen = exposures.slice(0, stage + 1);
        const isOff = (check: { invalid: string | undefined; harm?: string | undefined }) =>
          check.invalid !== undefined || check.harm !== undefined;
        found.split ||= isOff(split(seen));
        found.all ||= isOff(coverage(seen));
        found.most ||= isOff(coverage(seen, { candidate: 0.9, control: 0.9 }));
      }
      for (const check of ["split", "all", "most"] as const) if (found[check]) off[check]++;
    }
    // 1 of 1,000 at most; three standard errors above it.
    for (const times of Object.values(off)) expect(times / runs).toBeLessThan(0.0025);
  });
});
