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

/** The same with the values that both were asked with; null where the dataset does not tell. */
export interface AskedCase extends EvaluatedCase {
  readonly vars: Readonly<Record<string, unknown>> | null;
}
