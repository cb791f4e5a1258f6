import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import type { Assessment } from "../../../src/domain/rollout/verdict.ts";
import { DECISION_CODE_VERSION } from "../../../src/statistics/decision/assessment.ts";
import { openDatabase, type Database } from "../../../src/storage/database.ts";
import { saveAssessment } from "../../../src/storage/write/save-assessment.ts";
import { reportUnits } from "../../support/simulated-rollout.ts";
import { storeRollout, type StoredRollout } from "../../support/stored-rollout.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
let db: Database;
const NAME = "support-reply";
beforeAll(async () => {
  bench = await createCommandBench();
  db = openDatabase(bench.env["DATABASE_URL"]!);
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("policy.yaml", POLICY);
  // For plans, of 370 rollouts each: 48 looks in one instead of 200, for the same answers.
  await bench.file("hourly.yaml", POLICY.replace("interval: 1s", "interval: 1h"));
  for (const wording of ["Be brief.", "Be kind."]) {
    await bench.file("support-reply.yaml", promptFile(wording));
    await bench.run(["push", "support-reply.yaml"]);
  }
  await bench.run(["pointers", "set", `${NAME}@1`, "--expected-revision", "0", "--reason", "r", "--force"]);
});
afterAll(async () => {
  await db.destroy();
  await bench.close();
});

const POLICY = `
metrics:
  rating: { kind: mean, window: 1s }
  error: { kind: rare, window: 1s }
canary:
  stages: [{ share: 50% }]
  interval: 1s
  max_units: 2000
  max_duration: 2d
  goal: { metric: rating, direction: higher, margin: 0.1 }
  guardrails: [{ metric: error, direction: lower, tolerated_ratio: 1.5 }]
`;

/** Records outcomes of a version, as a service would. */
async function record(number: number, metrics: readonly Record<string, unknown>[], more = {}): Promise<void> {
  const { id } = await db
    .selectFrom("versions")
    .select("id")
    .where("prompt", "=", NAME)
    .where("number", "=", number)
    .executeTakeFirstOrThrow();
  const outcomes = metrics.map((one) => ({
    id: randomUUID(),
    version: id,
    label: "production",
    metrics: one,
    ...more,
  }));
  await sql`select sluice.record_batch(${JSON.stringify({ outcomes })}::jsonb)`.execute(db);
}

interface Usage {
  versions: {
    version: number;
    executions: number;
    metrics: {
      metric: string;
      n: number;
      mean: number;
      sd: number;
      p50: number;
      p95: number;
      refused: number;
    }[];
  }[];
}

describe("the usage record", () => {
  it("says that nothing has been recorded, and how to", async () => {
    const { stdout, code } = await bench.run(["usage", NAME]);
    expect(stdout).toContain("no outcome has been recorded");
    expect(code).toBe(0);
    expect(await bench.json<Usage>(["usage", NAME])).toMatchObject({ prompt: NAME, versions: [] });
  });

  it("puts versions beside each other: executions, and each metric with its spread", async () => {
    await record(
      1,
      Array.from({ length: 100 }, (_, i) => ({ rating: 1 + (i % 5), latency_ms: 10 * (i + 1) })),
    );
    await record(2, [{ rating: 4 }, { rating: 4 }, { rating: 5, cost_usd: 0.002 }, {}]);
    const { versions } = await bench.json<Usage>(["usage", NAME]);
    expect(versions.map(({ version, executions }) => [version, executions])).toEqual([
      [2, 4],
      [1, 100],
    ]);
    const [latency, rating] = versions[1]!.metrics;
    expect(rating).toMatchObject({ metric: "rating", n: 100, mean: 3, p50: 3, p95: 5, refused: 0 });
    expect(rating!.sd).toBeCloseTo(Math.sqrt(200 / 99), 9);
    expect(latency).toMatchObject({ metric: "latency_ms", n: 100, mean: 505 });
    // A log histogram's buckets are 4.5 % wide.
    expect(Math.abs(latency!.p50 / 500 - 1)).toBeLessThan(0.045);
    expect(Math.abs(latency!.p95 / 950 - 1)).toBeLessThan(0.045);
    expect(versions[0]!.metrics).toMatchObject([
      { metric: "cost_usd", n: 1, mean: 0.002, sd: null },
      { metric: "rating", n: 3, p50: 4, p95: 5 },
    ]);
    const { stdout } = await bench.run(["usage", NAME]);
    expect(stdout).toMatch(/^@1 +100 +505 +\d+/m);
  });

  it("counts what is no measurement beside the numbers, never in them", async () => {
    await record(2, [{ rating: "five" }, { rating: 1e308 }, { rating: null }, { rating: 5 }]);
    const { versions } = await bench.json<Usage>(["usage", NAME]);
    expect(versions[0]).toMatchObject({ version: 2, executions: 8 });
    expect(versions[0]!.metrics.at(-1)).toMatchObject({ metric: "rating", n: 4, refused: 3 });
    const { stdout } = await bench.run(["usage", NAME]);
    const [, table] = stdout.split(/^(?=rating )/m);
    expect(table!.split("\n", 2).map((line) => line.split(/ {2,}/))).toEqual([
      ["rating", "n", "mean", "sd", "p50", "p95", "sum", "refused", "values"],
      ["@2", "4", "4.5", "0.577", "4", "5", "18", "3", "4: 2, 5: 2"],
    ]);
  });

  it("is of one label, and of one tenant or model where they are named", async () => {
    await record(2, [{ rating: 1 }], { label: "staging" });
    await record(2, [{ rating: 2 }, { rating: 2 }], { tenant: "acme", model: "gpt-5" });
    const of = async (...scope: string[]) =>
      (await bench.json<Usage>(["usage", NAME, ...scope])).versions.map(({ executions }) => executions);
    expect(await of("--label", "staging")).toEqual([1]);
    expect(await of("--tenant", "acme")).toEqual([2]);
    expect(await of("--model", "openai/gpt-5", "--tenant", "acme")).toEqual([2]);
    expect(await of("--tenant", "nobody")).toEqual([]);
    expect(await of()).toEqual([10, 100]);
  });

  it("merges hours without losing their spread, and forgets those before --since", async () => {
    await sql`insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
      select id, 'production', '', '', date_trunc('hour', now()) - interval '3 days', metric, n, mean, 0
      from sluice.versions, (values ('', 50, 0), ('latency_ms', 50, 1e9)) as old(metric, n, mean)
      where prompt = ${NAME} and number = 1`.execute(db);
    const of = async (...since: string[]) => {
      const { versions } = await bench.json<Usage>(["usage", NAME, ...since]);
      return versions.find(({ version }) => version === 1)!;
    };
    expect((await of("--since", "2d")).executions).toBe(100);
    const both = await of();
    expect(both.executions).toBe(150);
    const latency = both.metrics.find(({ metric }) => metric === "latency_ms")!;
    const mean = (100 * 505 + 50 * 1e9) / 150;
    const m2 = 100 * (505 - mean) ** 2 + 50 * (1e9 - mean) ** 2 + 100 * 83_325;
    expect(latency.mean).toBeCloseTo(mean, 3);
    expect(latency.sd / Math.sqrt(m2 / 149)).toBeCloseTo(1, 6);
    await sql`delete from sluice.usage where hour < now() - interval '1 day'`.execute(db);
  });

  it("refuses a prompt that does not exist and a time that is none", async () => {
    const unknown = await bench.run(["usage", "support-repl"]);
    expect(unknown.stderr).toContain('did you mean "support-reply"?');
    expect(unknown.code).toBe(2);
    expect((await bench.run(["usage", NAME, "--since", "soon"])).code).toBe(2);
  });
});

interface Planned {
  unitsPerDay: number | null;
  trafficFrom: string | null;
  unitsPerArm: number | null;
  days: number | null;
  harmlessPromoted: number | null;
  cannotConclude: boolean;
  warnings: string[];
  metrics: { metric: string; claim: string; unitsNeeded: number | null; smallestMargin: number | null }[];
  history: { outcomes: number; outcomesPerDay: number; metrics: Record<string, { mean: number; n: number }> };
}

describe("a plan", () => {
  const plan = (...more: string[]) =>
    bench.json<Planned>(["plan", `${NAME}@2`, "--policy", "hourly.yaml", ...more]);

  it("says units, days and chances from what the baseline has done", async () => {
    const planned = await plan("--traffic", "2000/day");
    expect(planned).toMatchObject({ candidate: `${NAME}@2`, baseline: `${NAME}@1`, trafficFrom: "given" });
    expect(planned.history.metrics["rating"]).toMatchObject({ n: 100, mean: 3 });
    // Ratings 1 to 5 have a standard deviation of 1.42: a margin of 0.1 needs thousands of units.
    const [rating, error] = planned.metrics;
    expect(rating).toMatchObject({ metric: "rating", claim: "non_inferior" });
    expect(rating!.unitsNeeded).toBeGreaterThan(2000);
    expect(rating!.smallestMargin).toBeGreaterThan(0.1);
    expect(error).toMatchObject({
      metric: "error",
      claim: "limit",
      limit: expect.stringContaining("times today's") as string,
    });
    expect(planned.warnings.join()).toContain("more than the 2,000 allowed");
    expect(planned.cannotConclude).toBe(true);
  });

  it("says which metric decides the length, and that a window under the default leaves values out", async () => {
    const { stdout } = await bench.run(["plan", `${NAME}@2`, "--policy", "hourly.yaml"]);
    const text = stdout.replaceAll(/\s+/g, " ");
    expect(text).toContain(
      "outcomes of rating and error within 1 s after the exposure are counted, and what comes later is taken for unanswered: how much that is of rating and error is not known yet",
    );
    expect(text).toMatch(/is promoted [\d.]+ % of the time, and rolled back by a false alarm/);
    // Enrolled units, half of whose answers took longer than that.
    const past = await storeRollout(db, readPolicyFile(POLICY, "policy.yaml"));
    await reportUnits(db, past, { from: 0, count: 20, stage: 0 }, () => [{ rating: 4 }]);
    await sql`update sluice.exposures set exposed_at = exposed_at - interval '5 seconds'
      where rollout_id = ${past.id} and arm = 'control'`.execute(db);
    const prompt = `p-${past.id.slice(0, 8)}`;
    await bench.run([
      "pointers",
      "set",
      `${prompt}@1`,
      "--expected-revision",
      "0",
      "--reason",
      "r",
      "--force",
    ]);
    const { cutOff } = await bench.json<{ cutOff: object[] }>([
      "plan",
      `${prompt}@2`,
      "--policy",
      "hourly.yaml",
    ]);
    expect(cutOff).toEqual([{ metric: "rating", values: 40, late: 20 }]);
  });

  it("takes the traffic of the last week where none is given", async () => {
    const planned = await plan();
    expect(planned.trafficFrom).toBe("usage");
    // All versions together: who gets the candidate comes out of the same users.
    expect(planned.unitsPerDay).toBe(planned.history.outcomesPerDay);
    expect(planned.history.outcomesPerDay).toBeGreaterThanOrEqual(110 * (24 / 2));
  });

  it("counts a rare event against every outcome, also where only events are recorded", async () => {
    await record(1, [{ error: 1 }]);
    expect((await plan()).history.metrics["error"]).toMatchObject({ n: 101, mean: 1 / 101 });
  });

  it("has nothing to say of a scope that serves nothing, and refuses what is served already", async () => {
    const first = await bench.json<Planned>(["plan", `${NAME}@2`, "--label", "staging"]);
    expect(first).toMatchObject({ baseline: null, cannotConclude: false });
    expect((await bench.run(["plan", `${NAME}@1`])).code).toBe(4);
    expect((await bench.run(["plan", `${NAME}@2`, "--traffic", "lots"])).code).toBe(2);
  });
});

interface Simulated {
  promoted: number;
  rolledBack: number;
  inconclusive: number;
  medianUnitsRolledBack: number | null;
  metrics: { metric: string; from: string }[];
}

describe("a simulation", () => {
  const simulate = (...more: string[]) =>
    bench.json<Simulated>(["simulate", "--policy", "policy.yaml", "--runs", "60", ...more]);

  it("rolls back what hurts and promotes what helps, by the policy", async () => {
    const worse = await simulate("--effect", "rating=-0.8", "--baseline", "rating=4:1");
    expect(worse.rolledBack).toBeGreaterThan(0.9);
    expect(worse.medianUnitsRolledBack).toBeLessThan(300);
    const better = await simulate("--effect", "rating=+0.2,error=-50%", "--baseline", "rating=4:1");
    expect(better.promoted).toBeGreaterThan(0.9);
    expect(better.promoted + better.rolledBack + better.inconclusive).toBeCloseTo(1, 12);
  });

  it("comes out the same with the same seed, and otherwise with another", async () => {
    const effect = ["--effect", "rating=-0.1"];
    const first = await simulate(...effect, "--seed", "7");
    expect(await simulate(...effect, "--seed", "7")).toEqual(first);
    expect(await simulate(...effect, "--seed", "8")).not.toEqual(first);
  });

  it("still understands --truth, as --effect was called before", async () => {
    expect(await simulate("--truth", "rating=-0.1")).toEqual(await simulate("--effect", "rating=-0.1"));
  });

  it("takes baseline and traffic from a prompt that is named, and says what it took for granted", async () => {
    const { metrics } = await bench.json<Simulated>([
      "simulate",
      NAME,
      "--policy",
      "policy.yaml",
      "--runs",
      "3",
    ]);
    expect(metrics.map(({ metric, from }) => [metric, from])).toEqual([
      ["rating", "usage"],
      ["error", "usage"],
    ]);
    expect((await simulate()).metrics.every(({ from }) => from === "assumed")).toBe(true);
  });

  it.each([
    [["--effect", "ratin=-0.2"], 'did you mean "rating"?'],
    [["--effect", "rating=a lot"], "-0.2"],
    [["--effect", "rating=1,rating=2"], "named twice"],
    [["--baseline", "rating=4"], "mean:sd"],
    [["--baseline", "error=2"], "rate from 0 to 1"],
    [["--runs", "0"], "--runs"],
  ])("refuses %j", async (bad, message) => {
    const { stderr, code } = await bench.run(["simulate", "--policy", "policy.yaml", ...bad]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe("the record of a decision", () => {
  let rollout: StoredRollout;
  const PROMPT = () => `p-${rollout.id.slice(0, 8)}`;

  /** Looks as a worker does, and stores what was decided and from what. */
  async function looks(count: number): Promise<void> {
    for (let tick = 1; tick <= count; tick++) {
      await reportUnits(db, rollout, { from: 50 * tick, count: 50, stage: 0 }, (arm) => [
        { rating: (arm === "candidate" ? 4.1 : 4) + ((tick * 7) % 5) / 3, error: tick % 3 === 0 ? 1 : 0 },
      ]);
      const { assessment, input } = await rollout.lookWith({ elapsedMs: tick * 1000 });
      await saveAssessment(db, {
        rolloutId: rollout.id,
        tick,
        stage: 0,
        epoch: 1,
        baselineVersion: rollout.baseline,
        assessment,
        inputs: input,
        codeVersion: DECISION_CODE_VERSION,
      });
    }
  }

  beforeAll(async () => {
    rollout = await storeRollout(db, readPolicyFile(POLICY, "policy.yaml"));
    await looks(5);
  });

  it("comes out identical when it is computed again", async () => {
    const ran = await bench.run(["audit", "recompute", rollout.id]);
    expect(ran.stdout.trim().replaceAll(/\s+/g, " ")).toBe(
      `identical: each of 5 looks comes out as it was stored, by version ${DECISION_CODE_VERSION} of the decision rules`,
    );
    expect(ran.code).toBe(0);
    expect(await bench.json(["audit", "recompute", PROMPT()])).toMatchObject({ looks: 5, identical: true });
  });

  it("shows every number that was compared, and why", async () => {
    const { stdout, code } = await bench.run(["audit", "show", rollout.id]);
    expect(code).toBe(0);
    expect(stdout).toContain(`the last look (5, decision code ${DECISION_CODE_VERSION})`);
    expect(stdout).toMatch(/metric +units +p of harm +harm at +z +needed +verdict/);
    expect(stdout).toMatch(/rating \(goal\) +250\+250 +1 +0\.0167 +[\d.]+ +6\.34 +/);
    expect(stdout).toContain("limit: error at most");
    expect(stdout).toMatch(/12\.5 % of the planned units; odds against an even split/);
    const shown = await bench.json<{ decision: { inputs: { cells: object[] } } }>([
      "audit",
      "show",
      rollout.id,
    ]);
    expect(shown.decision.inputs.cells).toHaveLength(6);
  });

  it("is told apart from a decision that was changed after it was made: the look and the field", async () => {
    await sql`update sluice.assessments
      set assessment = jsonb_set(assessment, '{evidence,0,z}', '9.75') where rollout_id = ${rollout.id} and tick = 3`.execute(
      db,
    );
    const ran = await bench.run(["audit", "recompute", rollout.id]);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain("NOT identical: 1 of 5 looks comes out otherwise");
    expect(ran.stdout).toMatch(/first look 3 .*assessment\.evidence\.0\.z: stored 9\.75, computed\s+[\d.]+/);
    expect(
      await bench.run(["audit", "recompute", rollout.id, "--json"]).then(({ stdout }) => JSON.parse(stdout)),
    ).toMatchObject({
      identical: false,
      different: 1,
      first: { tick: 3, field: "assessment.evidence.0.z", stored: 9.75 },
    });
  });

  it("is not called identical where a look was decided by rules that are not here", async () => {
    await sql`update sluice.assessments set code_version = '0' where rollout_id = ${rollout.id} and tick < 4`.execute(
      db,
    );
    const { stdout, code } = await bench.run(["audit", "recompute", rollout.id]);
    expect(stdout).toMatch(/3 looks of version 0 of the decision rules, which this Sluice does not have/);
    expect(stdout).toMatch(/each of 2 looks comes out as it was stored/);
    expect(code).toBe(1);
  });

  it("comes out identical by the rules of version 2 where those decided, whatever today's rules say", async () => {
    const record: { looks: { inputs: unknown; assessment: Assessment }[] }[] = JSON.parse(
      await readFile(new URL("../../fixtures/decisions/version-2.json", import.meta.url), "utf8"),
    );
    const old = await storeRollout(db, rollout.policy);
    for (const [tick, { inputs, assessment }] of record.flatMap(({ looks: some }) => some).entries())
      await saveAssessment(db, {
        rolloutId: old.id,
        tick,
        stage: 0,
        epoch: 1,
        baselineVersion: old.baseline,
        assessment,
        inputs,
        codeVersion: "2",
      });
    const found = await bench.json(["audit", "recompute", old.id]);
    expect(found).toMatchObject({ identical: true, notComputed: {} });
    expect(found["codeVersions"]).toEqual({ "2": found["looks"] });
  });

  it("goes on under other rules only by an operator's decision, which is audited", async () => {
    const versionOf = async (id: string) =>
      (
        await db
          .selectFrom("rollouts")
          .select("decision_version")
          .where("id", "=", id)
          .executeTakeFirstOrThrow()
      ).decision_version;
    const [running, other, ended] = await Promise.all([1, 2, 3].map(() => storeRollout(db, rollout.policy)));
    await sql`update sluice.rollouts set decision_version = '2' where id in (${running!.id}, ${other!.id}, ${ended!.id})`.execute(
      db,
    );
    await sql`update sluice.rollouts set outcome = 'aborted', phase = 'done', ended_at = now() where id = ${ended!.id}`.execute(
      db,
    );
    const move = (...words: string[]) => bench.run(["rollout", "rules", ...words, "--reason", "a fault"]);
    expect((await move(running!.id, "--to", "3")).stdout).toMatch(/^1 rollout will be decided by version 3/);
    expect(await Promise.all([running, other, ended].map((one) => versionOf(one!.id)))).toEqual([
      "3",
      "2",
      "2",
    ]);
    const moved = await bench.run([
      "rollout",
      "rules",
      "--from",
      "2",
      "--to",
      "3",
      "--reason",
      "r",
      "--json",
    ]);
    expect(JSON.parse(moved.stdout).moved).toMatchObject([{ rolloutId: other!.id }]);
    expect(await versionOf(ended!.id)).toBe("2");
    expect((await move("--from", "2", "--to", "3")).stdout).toContain("nothing to move");
    const { stderr, code } = await move(ended!.id, "--to", "3");
    expect(stderr).toContain("has ended (aborted)");
    expect(code).toBe(4);
    expect((await move("--to", "3")).code).toBe(2);
    expect((await move(running!.id, "--to", "9")).stderr).toContain("this Sluice has 2 and 3");
    const audited = await db
      .selectFrom("audit")
      .select(["rollout_id", "reason", "details"])
      .where("action", "=", "decision_version_moved")
      .execute();
    expect(audited).toHaveLength(2);
    expect(audited.find((row) => row.rollout_id === running!.id)).toMatchObject({
      reason: "a fault",
      details: { from: "2", to: "3" },
    });
  });

  it("has nothing to compute for a rollout without a canary, and refuses one that does not exist", async () => {
    const empty = await storeRollout(db, rollout.policy);
    expect((await bench.run(["audit", "recompute", empty.id])).stdout).toContain("has had no canary");
    expect((await bench.run(["audit", "recompute", "00000000-0000-4000-8000-000000000000"])).code).toBe(2);
  });
});
