import { expect, it } from "vitest";
import { sayNoTests, sayTests } from "../../../src/domain/plain/say-triage.ts";
import type { TestedVersion, TriageTests } from "../../../src/domain/shapes/monitors.ts";

const version = (name: string, passRate: number, referencePassRate: number | null): TestedVersion => ({
  version: name,
  evaluationId: "e",
  cases: 40,
  passRate,
  referencePassRate,
});
const tests: TriageTests = {
  state: "told",
  live: version("greet@2", 0.5, 1),
  previous: version("greet@1", 0.95, null),
  problem: null,
  rollback: null,
};

it("says whose doing it is first, then by which numbers, then what was done", () => {
  expect(sayTests("version", { ...tests, rollback: { done: true, to: "greet@1", refusal: null } })).toEqual([
    "greet@2 alone answers its tests worse: a rollback to greet@1 would help.",
    "Its tests were asked again: 50 % of 40 cases pass, it was 100 %; of greet@1, which was live before it, 95 % of 40 cases pass.",
    "It was rolled back to greet@1.",
  ]);
  const refused = { done: false, to: "greet@1", refusal: "a rollout runs there" };
  expect(sayTests("version", { ...tests, rollback: refused }).at(-1)).toBe(
    "It was not rolled back to greet@1: a rollout runs there.",
  );
});

it.each([
  [
    "model",
    tests,
    /^The vendor's model answers otherwise than it did: a rollback to greet@1 would not help\.$/,
  ],
  ["model", { ...tests, previous: null }, /there is no version before to roll back to\.$/],
  ["traffic", tests, /^greet@2 answers its tests as it did: what callers send has changed\.$/],
  ["unknown", tests, /^Its tests do not tell whose doing it is\.$/],
  ["unknown", { ...tests, live: version("greet@2", 1, null) }, /nobody has asked them when it went live\.$/],
] as const)("%s", (cause, of, said) => {
  expect(sayTests(cause, of)[0]).toMatch(said);
});

it("says why tests say nothing, as one sentence", () => {
  expect(sayNoTests("the budget is used up.")).toBe(
    "Its tests could not be asked again: the budget is used up.",
  );
});
