import { expect, it } from "vitest";
import type { RegateFinding } from "../../../src/domain/monitors/regate.ts";
import { triageVerdict } from "../../../src/domain/monitors/triage-verdict.ts";

/** Passing so often now, and so often before. */
const found = (passRate: number, referencePassRate: number): RegateFinding => ({
  cases: 100,
  passRate,
  referencePassRate,
  regression: referencePassRate - passRate,
  lower: referencePassRate - passRate - 0.05,
  alpha: 0.05,
  worse: referencePassRate - passRate - 0.05 > 0.03,
});
const SAME = found(0.9, 0.9);
const FALLEN = found(0.5, 0.9);
const errors = { metric: "error", margin: 0.03 };

it.each([
  ["model", "both have fallen", { live: FALLEN, previous: FALLEN, between: SAME }],
  ["version", "what is live alone has fallen", { live: FALLEN, previous: SAME, between: FALLEN }],
  ["traffic", "neither has", { live: SAME, previous: SAME, between: SAME }],
  ["traffic", "what was live before has fallen alone", { live: SAME, previous: FALLEN, between: SAME }],
  [
    "version",
    "the one before has no reference, and is better today",
    { live: FALLEN, previous: null, between: FALLEN },
  ],
  [
    "model",
    "the one before has no reference, and is no better today",
    { live: FALLEN, previous: null, between: SAME },
  ],
  [
    "model",
    "the one before has not fallen, and was always as bad",
    { live: FALLEN, previous: SAME, between: SAME },
  ],
  [
    "unknown",
    "the one before may be better today, or may not",
    { live: FALLEN, previous: null, between: found(0.5, 0.56) },
  ],
  ["model", "nothing was live before", { live: FALLEN, previous: null, between: null }],
  [
    "version",
    "neither has a reference, and the one before is better today",
    { live: null, previous: null, between: FALLEN },
  ],
  ["unknown", "neither has a reference, and both are alike", { live: null, previous: null, between: SAME }],
  ["unknown", "there is nothing to compare", { live: null, previous: null, between: null }],
] as const)("%s: %s", (cause, _, findings) => {
  expect(triageVerdict(findings, errors)).toBe(cause);
});

it("does not lay upon callers what no test shows", () => {
  const findings = { live: SAME, previous: SAME, between: SAME };
  expect(triageVerdict(findings, { ...errors, metric: "latency_ms" })).toBe("unknown");
});
