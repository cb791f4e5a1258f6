import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql } from "kysely";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { statusOfRollout } from "../../src/storage/read/rollout-status.ts";
import { readUsage } from "../../src/storage/read/usage.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout, type StoredRollout } from "../support/stored-rollout.ts";

const POLICY = readPolicyFile(
  `
metrics: { rating: { window: 1h, coverage: must_match }, error: { kind: rare, window: 1h } }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  min_units: 50
  max_units: 400
  max_duration: 1d
  goal: { metric: rating, direction: higher, margin: 0.5 }
  guardrails: [{ metric: error, direction: lower, tolerated_ratio: 1.5 }]
`,
  "policy.yaml",
);
const DAY = 86_400_000;

/** Each is refused or held with its reason, counted where an operator sees it, and decides nothing. */
describe("bad input to a rollout", () => {
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

  const ARMS = ["candidate", "control"] as const;
  const names = (count: number) => Array.from({ length: count }, (_, i) => `u${i}`);
  /** So many units an arm, each with what its arm says of it. */
  async function fill(rollout: StoredRollout, count: number, say: (arm: string) => Record<string, unknown>) {
    const units = ARMS.flatMap((arm) => names(count).map((name) => [`${arm} ${name}`, arm] as const));
    return report(db, {
      exposures: units.map(([name, arm]) => rollout.exposure(name, arm)),
      outcomes: units.map(([name, arm]) => rollout.outcome(name, say(arm), arm)),
    });
  }
  const intakeOf = async ({ id }: StoredRollout) => (await statusOfRollout(db, id))!.intake;

  it("holds while a metric never arrives, and ends without a verdict on it", async () => {
    const rollout = await storeRollout(db, POLICY);
    await fill(rollout, 60, () => ({ error: 0 }));
    const held = await rollout.look({ dwellMs: DAY });
    expect(held).toMatchObject({ verdict: "continue" });
    expect(held.reason).toBe(
      "held: rating has been seen for 0 candidate and 0 control units: 120 units were seen to their end; it has to be recorded for more of them",
    );
    const over = await rollout.look({ dwellMs: DAY, elapsedMs: 2 * DAY });
    expect(over.verdict).toBe("inconclusive");
    expect(over.reason).toContain("rating has been seen for 0 candidate");
  });

  it("ends with no_data when nothing ever arrives", async () => {
    const rollout = await storeRollout(db, POLICY);
    await fill(rollout, 60, () => ({}));
    expect((await rollout.look({ elapsedMs: 2 * DAY })).verdict).toBe("no_data");
  });

  it("holds, then calls invalid, a metric that arrives in one arm only: never harm, never a pass", async () => {
    const rollout = await storeRollout(db, POLICY);
    const oneArm = (arm: string) => (arm === "candidate" ? { rating: 5, error: 0 } : { error: 0 });
    const seen: string[] = [];
    for (let from = 0; from < 60; from += 10) {
      const units = ARMS.flatMap((arm) => names(10).map((name) => [`${from} ${arm} ${name}`, arm] as const));
      await report(db, {
        exposures: units.map(([name, arm]) => rollout.exposure(name, arm)),
        outcomes: units.map(([name, arm]) => rollout.outcome(name, oneArm(arm), arm)),
      });
      const { verdict, reason, alerts } = await rollout.look({ dwellMs: DAY });
      seen.push(verdict);
      if (verdict === "invalid") {
        expect(reason).toContain("rating goes missing with the control");
        break;
      }
      expect(reason).toMatch(/^held: rating (has been seen for|goes missing with the control)/);
      expect(alerts.every((alert) => alert.includes("rating"))).toBe(true);
    }
    expect(seen.at(-1)).toBe("invalid");
    expect(new Set(seen)).toEqual(new Set(["continue", "invalid"]));
  });

  it.each([
    ["text", '"five"'],
    ["1e308", "1e308"],
    ["-1e13", "-1e13"],
    ["a number too long for a double", `1${"0".repeat(400)}`],
    ["null", "null"],
    ["a list", "[5]"],
    ["an object", '{"value": 5}'],
    ["a name that is none", null],
  ])("refuses %s as a value, counts it, and keeps the good ones beside it", async (_, value) => {
    const rollout = await storeRollout(db, POLICY);
    const bad = value === null ? '{"": 5}' : `{"rating": ${value}}`;
    const good = rollout.outcome("b", { rating: 3 });
    const text = JSON.stringify({
      exposures: ["a", "b"].map((name) => rollout.exposure(name)),
      outcomes: [rollout.outcome("a", { replaced: true }), good],
    }).replace('{"replaced":true}', bad);
    expect(await report(db, text)).toMatchObject({ outcomes: 2, refusedValues: 1, joined: 1 });
    const { evidence } = await rollout.look();
    expect(evidence[0]).toMatchObject({ metric: "rating", n: { candidate: 1 }, mean: { candidate: 3 } });
    expect(await intakeOf(rollout)).toEqual({ joined: 2, refused_value: 1 });
    const prompt = (await statusOfRollout(db, rollout.id))!.prompt;
    const [usage] = await readUsage(db, {
      scope: { label: "production", prompt, model: "", tenant: "" },
      since: new Date(Date.now() - DAY),
    });
    expect(usage).toMatchObject({ executions: 2 });
    expect(usage!.metrics.find(({ metric }) => metric === "rating")).toMatchObject({
      n: 1,
      mean: 3,
      refused: value === null ? 0 : 1,
    });
  });

  it.each(["NaN", "Infinity", "-Infinity"])("cannot even be told %s: it is no JSON", async (value) => {
    const rollout = await storeRollout(db, POLICY);
    const text = JSON.stringify({ outcomes: [rollout.outcome("a", { rating: 777 })] }).replace(
      '"rating":777',
      `"rating":${value}`,
    );
    await expect(report(db, text)).rejects.toThrow("invalid input syntax for type json");
    expect(await intakeOf(rollout)).toEqual({});
  });

  it("keeps a unit in its first arm, counts the second, and what is reported of it", async () => {
    const rollout = await storeRollout(db, POLICY);
    await report(db, { exposures: [rollout.exposure("a", "candidate")] });
    await report(db, {
      exposures: [rollout.exposure("a", "control"), rollout.exposure("a", "candidate")],
      outcomes: [rollout.outcome("a", { rating: 1 }, "control"), rollout.outcome("a", { rating: 4 })],
    });
    // Both arms in one batch: the first is the first.
    await report(db, { exposures: [rollout.exposure("b", "control"), rollout.exposure("b", "candidate")] });
    expect(await intakeOf(rollout)).toEqual({ joined: 1, wrong_version: 1, conflicting_arm: 2 });
    const { evidence } = await rollout.look();
    expect(evidence[0]).toMatchObject({
      n: { candidate: 1, control: 0 },
      mean: { candidate: 4, control: null },
    });
    expect((await statusOfRollout(db, rollout.id))!.units).toEqual({ candidate: 1, control: 1 });
  });

  it("stores what comes for a rollout that has ended, and nothing of it is analysed", async () => {
    const rollout = await storeRollout(db, POLICY);
    await report(db, { exposures: [rollout.exposure("a")], outcomes: [rollout.outcome("a", { rating: 4 })] });
    const before = await rollout.look();
    await sql`update sluice.rollouts set outcome = 'rolled_back', ended_at = now() where id = ${rollout.id}`.execute(
      db,
    );
    const receipt = await report(db, {
      exposures: [rollout.exposure("z")],
      outcomes: [rollout.outcome("a", { rating: 1 }), rollout.outcome("z", { rating: 1 })],
    });
    expect(receipt).toMatchObject({ exposures: 0, refusedExposures: 1, outcomes: 2, joined: 0 });
    expect(await rollout.look()).toEqual(before);
    expect(await intakeOf(rollout)).toEqual({ joined: 1, after_end: 1, unenrolled: 1, refused_exposure: 1 });
  });

  it("stores what comes of another rollout's version, of no version of either arm, and of no exposed unit", async () => {
    const [rollout, other] = [await storeRollout(db, POLICY), await storeRollout(db, POLICY)];
    await report(db, {
      exposures: [rollout.exposure("a")],
      outcomes: [
        rollout.outcome("a", { rating: 1 }, "candidate", { version: other.candidate }),
        rollout.outcome("a", { rating: 1 }, "control"),
        rollout.outcome("nobody", { rating: 1 }),
        rollout.outcome("a", { rating: 4 }),
      ],
    });
    expect(await intakeOf(rollout)).toEqual({ joined: 1, wrong_version: 2, unenrolled: 1 });
    expect(await intakeOf(other)).toEqual({});
    expect((await rollout.look()).evidence[0]).toMatchObject({ n: { candidate: 1 }, mean: { candidate: 4 } });
  });

  it("has no future: an epoch that is not yet is refused, and times are the database's own", async () => {
    const rollout = await storeRollout(db, POLICY);
    const tomorrow = new Date(Date.now() + DAY).toISOString();
    await report(db, {
      exposures: [rollout.exposure("a", "candidate", 9), rollout.exposure("b")],
      outcomes: [
        rollout.outcome("a", { rating: 1 }),
        rollout.outcome("b", { rating: 4 }, "candidate", { at: tomorrow, received_at: tomorrow }),
      ],
    });
    expect(await intakeOf(rollout)).toEqual({ joined: 1, unenrolled: 1, refused_exposure: 1 });
    const { rows } = await sql<{ late: number }>`select count(*)::int as late from sluice.outcomes
      where rollout_id = ${rollout.id} and received_at > now()`.execute(db);
    expect(rows).toEqual([{ late: 0 }]);
  });

  it("counts what comes after its unit was folded, and lets it change nothing", async () => {
    const rollout = await storeRollout(db, POLICY);
    await report(db, { exposures: [rollout.exposure("a")], outcomes: [rollout.outcome("a", { rating: 4 })] });
    const before = await rollout.look();
    await report(db, { outcomes: [rollout.outcome("a", { rating: 1, error: 1, unheard_of: 3 })] });
    expect(await rollout.look()).toEqual(before);
    // What the policy does not name was never going to count, and is not late.
    expect(await intakeOf(rollout)).toEqual({ joined: 2, late_value: 2 });
  });

  it("counts an exposure and an outcome once, however often they are reported", async () => {
    const rollout = await storeRollout(db, POLICY);
    const batch = { exposures: [rollout.exposure("a")], outcomes: [rollout.outcome("a", { rating: "x" })] };
    for (let i = 0; i < 3; i++) await report(db, batch);
    expect(await intakeOf(rollout)).toEqual({ joined: 1, refused_value: 1 });
  });

  it("takes what names a rollout that never was, and keeps no count for it", async () => {
    const rollout = await storeRollout(db, POLICY);
    const never = "00000000-0000-4000-8000-000000000000";
    const receipt = await report(db, {
      exposures: [{ ...rollout.exposure("a"), rollout: never }],
      outcomes: [rollout.outcome("a", { rating: 1 }, "candidate", { rollout: never })],
    });
    expect(receipt).toMatchObject({ refusedExposures: 1, outcomes: 1, joined: 0 });
    const { rows } = await sql`select 1 from sluice.rollout_intake where rollout_id = ${never}`.execute(db);
    expect(rows).toEqual([]);
  });
});
