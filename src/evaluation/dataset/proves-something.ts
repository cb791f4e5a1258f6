import type { Assertion } from "../grading/assertions/assertion.ts";
import { ASSERTION_KINDS } from "../grading/assertions/registry.ts";
import type { TestCase } from "./dataset.ts";

/** Why a case that no answer could fail is left out; undefined for every other one. */
export function provesNothing(made: TestCase): string | undefined {
  if (canFail(made)) return undefined;
  const why =
    made.assert.length === 0
      ? "asserts nothing"
      : "passes whatever the answer is (its threshold is 0, or nothing in it has weight)";
  return `the case ${why}, so it can prove nothing and is left out`;
}

function canFail({ assert, threshold }: Pick<TestCase, "assert" | "threshold">): boolean {
  return (threshold === undefined || threshold > 0) && assert.some(hasWeight);
}

function hasWeight({ type, negated, weight, assert, threshold }: Assertion): boolean {
  const onlyMeasures = ASSERTION_KINDS.get(type)?.measures && !negated && (threshold ?? 0) <= 0;
  return (
    weight > 0 &&
    !onlyMeasures &&
    (assert === undefined || canFail({ assert, ...(threshold !== undefined && { threshold }) }))
  );
}

/**
 * Whether anything that an answer must say is checked: not only what it must not say, how long it took or what it
 * cost. An answer with nothing in it meets all of those.
 */
export function statesExpectation({ assert }: Pick<TestCase, "assert">): boolean {
  return assert.some(
    ({ type, negated, weight, assert: set }) =>
      weight > 0 &&
      !negated &&
      (set === undefined ? ASSERTION_KINDS.get(type)?.ofCall !== true : statesExpectation({ assert: set })),
  );
}
