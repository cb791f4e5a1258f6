import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { readRolloutEvidence } from "../../src/storage/read/rollout-evidence.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout, type StoredRollout } from "../support/stored-rollout.ts";

const policy = (segments: string) =>
  readPolicyFile(
    `
metrics: { solved: { kind: proportion, window: 1h }, tokens: { kind: ratio, window: 1h } }
canary:
  stages: [{ share: 50% }]
  ${segments}
  goal: { metric: solved, direction: higher, margin: 0.05 }
  guardrails: [{ metric: tokens, direction: lower, margin: 10% }]
`,
    "policy.yaml",
  );

describe("units of a segment", () => {
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

  /** One unit an arm for each of these: its segments and whether it was solved, over two requests. */
  async function units(
    rollout: StoredRollout,
    given: readonly { segments?: Record<string, unknown>; solved: number }[],
    prefix = "u",
  ) {
    const all = given.flatMap((one, i) =>
      (["candidate", "control"] as const).map((arm) => ({ ...one, arm, name: `${prefix}${i} ${arm}` })),
    );
    await report(db, {
      exposures: all.map(({ name, arm, segments }) =>
        rollout.exposure(name, arm, 1, segments && { segments }),
      ),
      outcomes: all.flatMap(({ name, arm, solved }) =>
        [1, 2].map((k) => rollout.outcome(name, { solved, tokens: 10 * k }, arm)),
      ),
    });
  }
  const cellsOf = async (rollout: StoredRollout) => {
    const { segments, cells } = await readRolloutEvidence(db, rollout.id, "canary");
    return { segments, cells };
  };

  it("are counted in the cells of its values beside those of all, with the same moments", async () => {
    const rollout = await storeRollout(db, policy("segments: [tenant, language]"));
    await units(rollout, [
      { segments: { tenant: "acme", language: "de", plan: "free" }, solved: 1 },
      { segments: { tenant: "acme", language: "fr" }, solved: 0 },
      { segments: { tenant: "beta" }, solved: 1 },
      { solved: 1 },
    ]);
    await rollout.look();
    await units(rollout, [{ segments: { tenant: "acme", language: "de" }, solved: 1 }], "later");
    await rollout.look();
    const { segments, cells } = await cellsOf(rollout);
    const found = segments
      .filter(({ metric, arm }) => metric === "solved" && arm === "candidate")
      .map(({ segment, value, units: n, mean }) => [segment, value, n, Number(mean.toFixed(6))]);
    expect(found).toEqual([
      ["language", "de", 2, 1],
      ["language", "fr", 1, 0],
      ["tenant", "acme", 3, 0.666667],
      ["tenant", "beta", 1, 1],
    ]);
    const acme = segments.find(
      ({ metric, arm, value }) => metric === "tokens" && arm === "control" && value === "acme",
    )!;
    expect(acme.ratio).toEqual({ s: 90, c: 6, ss: 2700, cc: 12, sc: 180 });
    expect(cells.find(({ metric, arm }) => metric === "solved" && arm === "candidate")!.units).toBe(5);
  });

  it("stay where their first exposure put them", async () => {
    const rollout = await storeRollout(db, policy("segments: [language]"));
    for (const language of ["de", "fr"])
      await report(db, {
        exposures: [rollout.exposure("ann", "candidate", 1, { segments: { language } })],
        outcomes: [rollout.outcome("ann", { solved: 1 })],
      });
    await rollout.look();
    const { segments } = await cellsOf(rollout);
    expect(new Set(segments.map(({ value }) => value))).toEqual(new Set(["de"]));
  });

  it("of more than twenty values share one, also when many services name them at once", async () => {
    const rollout = await storeRollout(db, policy("segments: [language]"));
    const value = (i: number) => ({ segments: { language: `l${i}` }, solved: 1 });
    await Promise.all(
      [0, 1, 2, 3].map((k) =>
        units(
          rollout,
          Array.from({ length: 10 }, (_, i) => value(10 * k + i)),
          `of ${k} `,
        ),
      ),
    );
    await units(
      rollout,
      Array.from({ length: 40 }, (_, i) => value(i)),
      "again",
    );
    await rollout.look();
    const { segments } = await cellsOf(rollout);
    const solved = segments.filter(({ metric, arm }) => metric === "solved" && arm === "control");
    expect(solved).toHaveLength(21);
    expect(solved.reduce((sum, { units: n }) => sum + n, 0)).toBe(80);
    expect(solved.find((cell) => cell.value === "other")!.units).toBeGreaterThanOrEqual(40);
  });

  it("are left alone where the policy names no segment, and where what is named is no text", async () => {
    const plain = await storeRollout(db, policy(""));
    await units(plain, [{ segments: { language: "de" }, solved: 1 }]);
    await plain.look();
    expect((await cellsOf(plain)).segments).toEqual([]);
    const odd = await storeRollout(db, policy("segments: [language]"));
    await report(db, {
      exposures: [
        odd.exposure("a", "candidate", 1, { segments: "de" }),
        odd.exposure("b", "candidate", 1, { segments: { language: "" } }),
        odd.exposure("c", "candidate", 1, { segments: { language: "x".repeat(500) } }),
        odd.exposure("d", "candidate", 1, { segments: [1] }),
      ],
    });
    await odd.look();
    const { segments, cells } = await cellsOf(odd);
    expect([...new Set(segments.map((cell) => cell.value))]).toEqual(["x".repeat(64)]);
    expect(cells.find(({ metric }) => metric === "solved")!.units).toBe(4);
  });

  it("are taken back when the candidate harms them, though all together look fine", async () => {
    const rollout = await storeRollout(db, policy("segments: [language]"));
    for (const [at, language] of ["de", "en"].entries()) {
      const count = language === "de" ? 60 : 900;
      const names = Array.from({ length: count }, (_, i) => `${language} ${i}`);
      await report(db, {
        exposures: names.flatMap((name) =>
          (["candidate", "control"] as const).map((arm) =>
            rollout.exposure(`${arm} ${name}`, arm, 1, { segments: { language } }),
          ),
        ),
        outcomes: names.flatMap((name, i) =>
          (["candidate", "control"] as const).map((arm) => {
            const broken = at === 0 && arm === "candidate";
            return rollout.outcome(
              `${arm} ${name}`,
              { solved: i % 10 < (broken ? 0 : 8) ? 1 : 0, tokens: 10 + (i % 3) },
              arm,
            );
          }),
        ),
      });
    }
    const { verdict, reason, evidence } = await rollout.look();
    expect(verdict).toBe("harm");
    expect(reason).toMatch(/^language=de: solved is worse with the candidate/);
    expect(evidence.find(({ role }) => role === "segment")).toMatchObject({
      metric: "solved",
      segment: "language=de",
      verdict: "harm",
    });
  });
});
