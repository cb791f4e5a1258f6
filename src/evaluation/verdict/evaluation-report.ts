import type { Finding } from "../../domain/finding.ts";
import type { GateLooks } from "../../statistics/gate.ts";
import type { CaseResult } from "../grading/case-result.ts";

export type EvaluationVerdict = "pass" | "fail" | "insufficient";

/**
 * What an insufficient verdict looks like; only what looks fine may go on to a canary. `not_delivered`: a
 * provider or a judge gave no result, so nothing can be seen at all.
 */
export type EvaluationLooks = GateLooks | "not_delivered";

/** What the answers of a fallback came to. It is held to the least pass rate, and compared with nothing. */
export interface FallbackReport {
  /** What its results have as their `arm`. */
  readonly arm: CaseResult["arm"];
  /** `provider/model`. */
  readonly model: string;
  /** That it was asked, and of these how many passed, failed and have no result. */
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
  /** Mean over cases of the fraction of repeats that passed, 0 to 1; null when nothing has a result. */
  readonly passRate: number | null;
  /** `fail`: it is below the least pass rate, whatever is still without a result. */
  readonly verdict: EvaluationVerdict;
  /** One plain sentence. */
  readonly reason: string;
}

/** What an evaluation found: `sluice eval --json` prints it, a gate's evidence is made of it. */
export interface EvaluationReport {
  readonly dataset: { readonly name: string; readonly sha256: string };
  readonly candidateSha256: string;
  readonly baselineSha256: string | null;
  readonly judge: { readonly model: string; readonly version: number };
  readonly repeats: number;
  /** Cases, each counted once however often it was repeated: passed + failed + errors of the candidate when all were run. */
  readonly cases: number;
  /** Every repeat passed. */
  readonly passed: number;
  /** A repeat failed. */
  readonly failed: number;
  /** A repeat has no result, and none failed. */
  readonly errors: number;
  /** Runs that were left out, because the verdict could no longer change; 0 when all were run. */
  readonly notRun: number;
  /** What those would have cost, in US dollars, going by the runs that were made; null without a price. */
  readonly savedUsd: number | null;
  /** Passed and failed: counted under failed. */
  readonly flaky: number;
  /** Case runs without a result, of either version. */
  readonly erroredRuns: number;
  /** Mean over cases of the fraction of repeats that passed, 0 to 1; null when nothing has a result. */
  readonly passRate: number | null;
  readonly baselinePassRate: number | null;
  /** baselinePassRate - passRate over the cases that both have; above 0 is worse. */
  readonly regression: number | null;
  /** One-sided 95 % bounds of the regression, lower and upper. */
  readonly ci: readonly [number, number] | null;
  /** One-sided exact p that the candidate is worse. */
  readonly p: number | null;
  /** One-sided 95 % bounds of the pass rate. */
  readonly passRateCi: readonly [number, number] | null;
  readonly verdict: EvaluationVerdict;
  /** Of a version that has any: what its fallbacks made of a part of the cases. */
  readonly fallbacks?: readonly FallbackReport[];
  /** Null unless the verdict is insufficient. */
  readonly looks: EvaluationLooks | null;
  /** One plain sentence. */
  readonly reason: string;
  /** In US dollars, recorded results included; null when a model's price is not known. */
  readonly costUsd: number | null;
  readonly tokens: { readonly input: number; readonly output: number; readonly total: number };
  /** Results that were there already. */
  readonly reused: number;
  readonly warnings: readonly string[];
  /** What the built-in checks found in the candidate's own text. */
  readonly findings: readonly Finding[];
  /** Tokens of the prompt's own text. */
  readonly promptTokens: { readonly candidate: number; readonly baseline: number | null };
  /** What a thousand calls cost at least, in US dollars: the prompt's own tokens; null without a price. */
  readonly costPerThousandCalls: number | null;
  /** By case, repeat and version. */
  readonly results: readonly CaseResult[];
}
