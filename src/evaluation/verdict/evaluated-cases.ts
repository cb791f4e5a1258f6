import type { CaseResult } from "../grading/case-result.ts";

/** A test case with what both versions made of it, repeat by repeat. */
export interface EvaluatedCase {
  readonly caseIndex: number;
  readonly description: string | null;
  /** By how much less often it passes than with the baseline, −1 to 1; null where one of them has no result. */
  readonly loss: number | null;
  readonly candidate: readonly CaseResult[];
  readonly baseline: readonly CaseResult[];
}
