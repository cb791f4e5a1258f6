import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cell } from "../../../src/domain/rollout/verdict.ts";
import { assess } from "../../../src/statistics/decision/assessment.ts";
import { CANARY, epoch, tick } from "../canary-evidence.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });
const arm = fc.record({
  success: share,
  latency: fc.double({ min: 1, max: 1e5, noNaN: true }),
  error: share,
});
const cells = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5000 }), arm, arm), { minLength: 1, maxLength: 4 })
  .map((epochs) => epochs.flatMap(([n, candidate, control], number) => epoch(n, candidate, control, number)));
const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, 0, -0, -1),
  fc.integer({ min: 0, max: 100_000 }),
);
const anyCell: fc.Arbitrary<Cell> = fc.record({
  epoch: fc.integer({ min: 0, max: 3 }),
  arm: fc.constantFrom("candidate" as const, "control" as const),
  metric: fc.constantFrom("success", "latency_ms", "error", "unknown"),
  units: anyNumber,
  n: anyNumber,
  mean: anyNumber,
  m2: anyNumber,
});

/** Two of them together are more than a number can hold. */
const countless = (mean: number): Cell => ({
  epoch: 0,
  arm: "control",
  metric: "latency_ms",
  units: 0,
  n: 1e308,
  mean,
  m2: 0,
});

function everyNumber(value: unknown, path = ""): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => everyNumber(item, `${path}/${key}`));
}

describe("Whatever the evidence, an assessment", () => {
  it("holds finite numbers only, and never promotes on what is no number", () => {
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 20 }), fc.integer({ min: 0, max: 2 }), (given, stage) => {
        const exposures = [{ epoch: 0, candidate: 100, control: 100 }];
        const result = assess(tick({ cells: given, exposures, stage }));
        for (const [path, value] of everyNumber(result)) expect(value, path).toSatisfy(Number.isFinite);
        expect(result.reason).not.toMatch(/NaN|Infinity|undefined|null/);
        if (result.verdict === "promote")
          expect(given.every((cell) => cell.metric === "unknown" || Number.isFinite(cell.mean))).toBe(true);
      }),
      { numRuns: 1000, examples: [[[countless(0), countless(-1e308)], 0]] },
    );
  });

  it("is the same whatever order the cells come in", () => {
    fc.assert(
      fc.property(
        cells.chain((given) =>
          fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
        ),
        ([given, shuffled]) => {
          const [a, b] = [assess(tick({ cells: given })), assess(tick({ cells: shuffled }))];
          expect(b.verdict).toBe(a.verdict);
          const numbers = everyNumber(b.evidence);
          for (const [i, [path, value]] of everyNumber(a.evidence).entries())
            expect(Math.abs(numbers[i]![1] - value), path).toBeLessThanOrEqual(
              1e-9 * Math.max(1, Math.abs(value)),
            );
        },
      ),
    );
  });

  it("says nothing but stop or go on while frozen", () => {
    fc.assert(
      fc.property(cells, fc.boolean(), (given, late) => {
        const { verdict } = assess(
          tick({ cells: given, frozen: true, elapsedMs: late ? CANARY.max_duration_ms : 0 }),
        );
        expect(["continue", "harm", "fuse", "invalid", "inconclusive", "no_data"]).toContain(verdict);
      }),
    );
  });

  it("never promotes a version that it calls harmful when asked again with a person's wish", () => {
    fc.assert(
      fc.property(cells, (given) => {
        const plain = assess(tick({ cells: given }));
        const wished = assess(tick({ cells: given, promoteNow: true }));
        const stops = ["harm", "fuse", "invalid"];
        if (stops.includes(plain.verdict)) expect(wished.verdict).toBe(plain.verdict);
        else if (wished.verdict === "promote") {
          const tested = wished.evidence.filter(({ role }) => role === "goal" || role === "guardrail");
          for (const { n } of tested) expect(Math.min(n.candidate, n.control)).toBeGreaterThanOrEqual(30);
        } else expect(wished.reason).toMatch(/^asked to promote, which takes evidence/);
      }),
    );
  });

  it("calls more harm when the candidate gets worse, never less", () => {
    const percent = fc.integer({ min: 0, max: 100 });
    const p = (n: number, success: number, control: number) =>
      assess(tick({ cells: epoch(n, { success: success / 100 }, { success: control / 100 }) })).evidence[0]!
        .p ?? 1;
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 9000 }), percent, percent, percent, (n, a, b, control) => {
        expect(p(n, Math.min(a, b), control)).toBeLessThanOrEqual(p(n, Math.max(a, b), control) + 1e-12);
      }),
    );
  });
});
