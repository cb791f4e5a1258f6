import type { Assertion } from "../grading/assertions/assertion.ts";
import { ASSERTION_KINDS } from "../grading/assertions/registry.ts";
import type { TestCase } from "./dataset.ts";

/** Whether a case compares the answers of several versions (`select-best`). */
export function isComparative({ assert }: TestCase): boolean {
  return assert.some(isComparison);
}

export function isComparison({ type }: Assertion): boolean {
  return ASSERTION_KINDS.get(type)?.comparative === true;
}
