/**
 * `worse`: it passes less often than with the baseline; `better`: more often; `failed`: a repeat of the candidate's has
 * failed; `errors`: an answer never came; `flaky`: the candidate's repeats differ.
 */
export const CASE_KINDS = ["worse", "failed", "better", "errors", "flaky", "all"] as const;
export type CaseKind = (typeof CASE_KINDS)[number];
