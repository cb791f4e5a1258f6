import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import type { Evidence } from "../../src/domain/rollout/verdict.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout } from "../support/stored-rollout.ts";

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

/** One metric of each kind, and windows of two lengths. */
const POLICY = readPolicyFile(
  `
metrics:
  rating: { kind: mean, window: 1h, cap: 40 }
  solved: { kind: proportion, window: 2h }
  error: { kind: rare, window: 1h }
  cost: { kind: ratio, window: 2h }
canary:
  stages: [{ share: 50% }]
  min_units: 1
  max_units: 60
  goal: { metric: rating, direction: higher, margin: 5 }
  guardrails:
    - { metric: solved, direction: higher, margin: 0.3 }
    - { metric: error, direction: lower, tolerated_ratio: 1.5 }
    - { metric: cost, direction: lower, margin: 50% }
  fuses: [{ metric: error, above: 0.9 }]
`,
  "policy.yaml",
);
const UNITS = 80;

const outcomes = fc.array(
  fc.record({
    unit: fc.nat({ max: UNITS - 1 }),
    rating: fc.option(fc.double({ min: -30, max: 30, noNaN: true }), { nil: undefined }),
    solved: fc.option(fc.integer({ min: 0, max: 1 }), { nil: undefined }),
    error: fc.option(fc.constantFrom(0, 0, 0, 1), { nil: undefined }),
    cost: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  }),
  { minLength: 80, maxLength: 300 },
);

it("the same outcomes, in any order, split or repeated, give the same verdict and numbers", async () => {
  const verdicts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      outcomes,
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(0, -60),
      async (said, keys, size, shift) => {
        const rollout = await storeRollout(db, POLICY);
        const mixed = await storeRollout(db, POLICY);
        const armOf = (unit: number) => (unit % 2 === 0 ? "candidate" : "control");
        const reports = (of: typeof rollout) => ({
          exposures: Array.from({ length: UNITS }, (_, unit) => of.exposure(`u${unit}`, armOf(unit))),
          outcomes: said.map(({ unit, rating, ...metrics }) => {
            const worse = armOf(unit) === "candidate" ? shift : 0;
            const rated = rating === undefined ? {} : { rating: rating + worse };
            return of.outcome(`u${unit}`, { ...metrics, ...rated }, armOf(unit));
          }),
        });
        await report(db, reports(rollout));

        const shuffled = reports(mixed);
        const order = <T>(of: readonly T[]) =>
          of
            .map((one) => [one, keys.next().value!] as const)
            .toSorted(([, a], [, b]) => a - b)
            .map(([one]) => one);
        const later = order(shuffled.outcomes);
        await report(db, { exposures: order(shuffled.exposures) });
        for (let from = 0; from < later.length; from += size) {
          const part = later.slice(from, from + size);
          // Again what was sent before, as after a lost acknowledgement, and some of it twice in one batch.
          await report(db, {
            exposures: shuffled.exposures.slice(0, 3),
            outcomes: [...part, ...part.slice(0, 2)],
          });
        }

        const [plain, other] = [await rollout.look(), await mixed.look()];
        verdicts.add(plain.verdict);
        expect(other.verdict).toBe(plain.verdict);
        expect(other.information).toBe(plain.information);
        expect(other.evidence).toHaveLength(plain.evidence.length);
        plain.evidence.forEach((line, at) => same(line, other.evidence[at]!));
      },
    ),
    { numRuns: 12, seed: 7 },
  );
  // It would be no test if nothing was ever decided.
  expect(verdicts.size).toBeGreaterThan(1);
});

/** The same in every field, numbers but for what rounding may touch. */
function same(plain: Evidence, other: Evidence): void {
  expect(close({ ...other, note: "" }, { ...plain, note: "" })).toEqual({ ...plain, note: "" });
}

/** A value with each number that is within rounding of the one wanted put in its place. */
function close(got: unknown, wanted: unknown): unknown {
  if (typeof got === "number" && typeof wanted === "number")
    return Math.abs(got - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)) ? wanted : got;
  if (Array.isArray(got) && Array.isArray(wanted)) return got.map((one, at) => close(one, wanted[at]));
  if (typeof got !== "object" || got === null || typeof wanted !== "object" || wanted === null) return got;
  const of = wanted as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(got).map(([key, value]) => [key, close(value, of[key])]));
}
