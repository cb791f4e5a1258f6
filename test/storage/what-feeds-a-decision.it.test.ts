import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { seededRandom } from "../../src/statistics/planning/seeded-random.ts";
import type { Assessment } from "../../src/domain/rollout/verdict.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout, type Reported, type StoredRollout } from "../support/stored-rollout.ts";

const ARMS = ["candidate", "control"] as const;
const POLICY = `
canary:
  stages: [{ share: 50% }]
  goal: { metric: success, direction: higher, margin: 0.05 }
  guardrails:
    - { metric: error, direction: lower }
    - { metric: latency_ms, direction: lower }
  fuses: [{ metric: error, above: 0.2 }]
`;

/** What a unit of an arm reports, when: in time, after its window has closed and it has been folded, or never. */
type Behaviour = (
  arm: "candidate" | "control",
  random: () => number,
) => { readonly metrics: Reported; readonly when: "in_time" | "late" | "never" };

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

async function run(
  policy: string,
  behaviour: Behaviour,
  { units = 4000, step = 250, seed = 3 } = {},
): Promise<{ readonly assessment: Assessment; readonly rollout: StoredRollout; readonly units: number }> {
  const rollout = await storeRollout(db, readPolicyFile(policy, "p.yaml"));
  const random = seededRandom(seed);
  let kept: Pick<Assessment, "fuses" | "baseRates"> = {};
  for (let from = 0; ; from += step) {
    const [exposures, outcomes, late]: Reported[][] = [[], [], []];
    for (let i = from; i < from + step; i++)
      for (const arm of ARMS) {
        const name = `${arm} ${i}`;
        const { metrics, when } = behaviour(arm, random);
        exposures!.push(rollout.exposure(name, arm));
        if (when !== "never") (when === "late" ? late! : outcomes!).push(rollout.outcome(name, metrics, arm));
      }
    await report(db, { exposures: exposures! });
    await report(db, { outcomes: outcomes! });
    const assessment = await rollout.look({ stage: 0, dwellMs: 1e9, ...kept });
    kept = { fuses: assessment.fuses!, baseRates: assessment.baseRates! };
    await report(db, { outcomes: late! });
    const done = from + step;
    if (assessment.verdict !== "continue" || done >= units) return { assessment, rollout, units: done };
  }
}

const good = (random: () => number) => ({
  error: random() < 0.01 ? 1 : 0,
  success: random() < 0.8 ? 1 : 0,
  latency_ms: 8000 + 4000 * random(),
});

describe("Silence is never success", () => {
  it.each([0.02, 0.05, 0.08])(
    "a candidate whose failures are told after the window for %d of its users is rolled back",
    async (share) => {
      const { assessment } = await run(POLICY, (arm, random) =>
        arm === "candidate" && random() < share
          ? { metrics: { error: 1, success: 0, latency_ms: 600_000 }, when: "late" }
          : { metrics: good(random), when: "in_time" },
      );
      expect(assessment.verdict).toBe("harm");
      expect(assessment.reason).toMatch(/stay without any outcome: |goes missing with the candidate/);
    },
  );

  it("nor is a candidate promoted whose failures are never told", async () => {
    const { assessment } = await run(POLICY, (arm, random) => ({
      metrics: good(random),
      when: arm === "candidate" && random() < 0.05 ? "never" : "in_time",
    }));
    expect(assessment.verdict).toBe("harm");
  });

  it("silence of both arms alike, and of units whose window is open, harms nobody", async () => {
    const { assessment, rollout } = await run(
      POLICY,
      (_, random) => ({ metrics: good(random), when: random() < 0.1 ? "never" : "in_time" }),
      { units: 1000 },
    );
    expect(assessment.verdict).toBe("continue");
    const silent = assessment.evidence.find(({ metric }) => metric === "unanswered")!;
    expect(silent).toMatchObject({ n: { candidate: 1000, control: 1000 }, verdict: "met" });
    expect(silent.mean.control).toBeGreaterThan(0.05);
    await report(db, { exposures: [rollout.exposure("open", "candidate")] });
    const open = await rollout.lookWith({ stage: 0, dwellMs: 1e9 }, { closeWindows: false });
    expect(open.assessment.evidence.find(({ metric }) => metric === "unanswered")!.n.candidate).toBe(1000);
    expect(open.input.nextClosing).toMatchObject({ windowMs: 900_000 });
  });

  it("units whose window is open are waited for in one sentence, with when the first closes", async () => {
    const rollout = await storeRollout(db, readPolicyFile(POLICY, "p.yaml"));
    const exposures = Array.from({ length: 306 }, (_, i) =>
      ARMS.map((arm) => rollout.exposure(`${arm} ${i}`, arm)),
    );
    await report(db, { exposures: exposures.flat() });
    const { assessment } = await rollout.lookWith({ stage: 0 }, { closeWindows: false });
    expect(assessment.reason).toMatch(
      /^held: success has been seen for 0 candidate and 0 control units, and 30 of each are needed: 612 units wait for their window; the first closes in 1\d minutes$/,
    );
  });

  it("any trouble of a unit counts once: an error, a refusal, a wrong form, silence", async () => {
    const policy = POLICY.replace(
      "metric: error, direction: lower }",
      "metric: any_trouble, direction: lower }",
    ).replace("  fuses: [{ metric: error, above: 0.2 }]\n", "");
    const troubles = [
      { error: 1, refusal: 1 },
      { timeout: 1 },
      { valid_json: 0 },
      {},
      { valid_json: 1, error: 0 },
    ];
    let unit = 0;
    const { assessment } = await run(
      policy,
      (arm) => {
        const trouble = arm === "control" ? {} : troubles[unit++ % 5]!;
        const silent = arm === "candidate" && unit % 5 === 4;
        return { metrics: { success: 1, latency_ms: 5, ...trouble }, when: silent ? "never" : "in_time" };
      },
      { units: 50, step: 50 },
    );
    const line = assessment.evidence.find(({ metric }) => metric === "any_trouble")!;
    expect(line.mean).toEqual({ candidate: 0.8, control: 0 });
  });
});

describe("A value that does not vary", () => {
  it("valid_json 1 before and 0 now is rolled back within 100 units an arm", async () => {
    const policy = POLICY.replace("metric: success,", "metric: valid_json,").replace(
      / {2}guardrails:[^]*/,
      "",
    );
    const { assessment, units } = await run(
      policy,
      (arm) => ({ metrics: { valid_json: arm === "control" }, when: "in_time" }),
      { step: 20 },
    );
    expect(assessment.verdict).toBe("harm");
    expect(units).toBeLessThanOrEqual(100);
  });

  it("a constant that is another now is harm, and the same one proves nothing", async () => {
    const policy = `canary:\n  stages: [{ share: 5% }, { share: 50% }]\n  goal: { metric: steps, direction: lower, margin: 10% }\n`;
    const of = (candidate: number) =>
      run(policy, (arm) => ({ metrics: { steps: arm === "candidate" ? candidate : 3 }, when: "in_time" }), {
        units: 200,
        step: 100,
      });
    expect((await of(4)).assessment.verdict).toBe("harm");
    const same = (await of(3)).assessment;
    expect(same.verdict).toBe("continue");
    expect(same.reason).toContain("steps does not vary in either arm");
  });
});

describe("A cap", () => {
  it("does not hide a bill that doubles by a few users: they are counted, and the whole means are shown", async () => {
    const policy = `
metrics: { cost_usd: { cap: 10 } }
canary:
  stages: [{ share: 50% }]
  goal: { metric: success, direction: higher, margin: 0.05 }
  guardrails: [{ metric: cost_usd, direction: lower }]
`;
    const { assessment } = await run(
      policy,
      (arm, random) => {
        const cost = Math.exp(
          2.32 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) * 0.43,
        );
        const often = arm === "candidate" ? 0.015 : 0.01;
        return {
          metrics: {
            success: random() < 0.8 ? 1 : 0,
            cost_usd: random() < often ? 200 * cost : Math.min(9, cost),
          },
          when: "in_time",
        };
      },
      { units: 3000, step: 1000 },
    );
    const over = assessment.evidence.find(({ metric }) => metric === "cost_usd over cap")!;
    expect(over.mean.candidate).toBeGreaterThan(over.mean.control!);
    expect(over.note).toMatch(/cost_usd over cap at most \d\.\d+ %/);
    const cost = assessment.evidence.find(({ metric }) => metric === "cost_usd")!;
    expect(cost.mean.candidate).toBeLessThan(10);
    expect(cost.uncapped!.candidate).toBeGreaterThan(1.3 * cost.uncapped!.control!);
    expect(cost.note).toContain("uncapped");
    expect(assessment.verdict).not.toBe("promote");
  });
});

describe("A cap of what is reported in pieces", () => {
  it("cuts values alone: an outcome that says nothing of the metric adds nothing to it", async () => {
    const policy = `
metrics: { rating: { cap: 5 } }
canary:
  stages: [{ share: 50% }]
  goal: { metric: rating, direction: higher, claim: superior }
`;
    const rollout = await storeRollout(db, readPolicyFile(policy, "p.yaml"));
    const units = ARMS.flatMap((arm) =>
      Array.from({ length: 20 }, (_, i) => ({ arm, name: `${arm} ${i}`, i })),
    );
    await report(db, { exposures: units.map(({ name, arm }) => rollout.exposure(name, arm)) });
    const latencies = units.map(({ name, arm }) => rollout.outcome(name, { latency_ms: 100 }, arm));
    const ratings = units.map(({ name, arm, i }) => rollout.outcome(name, { rating: 1 + (i % 3) }, arm));
    await report(db, { outcomes: [...latencies, ...ratings] });
    const { evidence } = await rollout.look({ stage: 0, dwellMs: 1e9 });
    const { mean, uncapped } = evidence.find(({ metric }) => metric === "rating")!;
    expect(mean.candidate).toBeCloseTo(1.95, 10);
    expect(mean.control).toBeCloseTo(1.95, 10);
    expect(uncapped!.candidate).toBeCloseTo(1.95, 10);
  });
});

describe("A logarithmic scale", () => {
  it("compares geometric means, and counts what has no logarithm as missing", async () => {
    const policy = POLICY.replace(/ {4}- \{ metric: error[^\n]*\n/, "").replace(/ {2}fuses[^\n]*\n/, "");
    let unit = 0;
    const { assessment } = await run(
      policy,
      (arm) => {
        const first = unit++ % 4 < 2;
        const latency = arm === "candidate" ? (first ? 200 : 800) : first ? 100 : 400;
        return {
          metrics: { success: unit % 3 === 0 ? 0 : 1, latency_ms: unit <= 4 ? 0 : latency },
          when: "in_time",
        };
      },
      { units: 100, step: 100 },
    );
    const line = assessment.evidence.find(
      ({ metric, role }) => metric === "latency_ms" && role === "guardrail",
    )!;
    expect(line.n).toEqual({ candidate: 98, control: 98 });
    expect(line.mean.candidate).toBeCloseTo(400, 0);
    expect(line.mean.control).toBeCloseTo(200, 0);
    expect(line.uncapped!.candidate).toBeCloseTo(500, -1);
    expect(assessment.verdict).toBe("harm");
  });
});

describe("A ratio", () => {
  it("takes a unit of very many requests for a hundred, its count and its sum cut together", async () => {
    const policy = `
metrics: { solved: { kind: ratio } }
canary:
  goal: { metric: solved, direction: higher, margin: 0.1 }
`;
    const rollout = await storeRollout(db, readPolicyFile(policy, "p.yaml"));
    const solved = (name: string, value: number) => rollout.outcome(name, { solved: value });
    await report(db, {
      exposures: ["many", "few"].map((name) => rollout.exposure(name)),
      outcomes: [
        ...Array.from({ length: 400 }, (_, i) => solved("many", i % 4 === 0 ? 0 : 1)),
        solved("few", 0),
        solved("few", 1),
      ],
    });
    const { input } = await rollout.lookWith();
    expect(input.cells.find(({ metric }) => metric === "solved")).toMatchObject({
      units: 2,
      ratio: { s: 75 + 1, c: 100 + 2, ss: 75 ** 2 + 1, cc: 100 ** 2 + 4, sc: 75 * 100 + 2 },
    });
  });
});
