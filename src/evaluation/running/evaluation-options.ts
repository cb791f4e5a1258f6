import type { Caller } from "../../domain/shapes/callers.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { Budget } from "../../providers/budget.ts";
import type { CallEndpoint } from "../../providers/completion.ts";
import type { Providers } from "../../providers/create-providers.ts";
import type { CaseResult, ResultStore, VersionArm } from "../grading/case-result.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import type { EvaluationPlan } from "./plan-evaluation.ts";
import type { PreparedEvaluation } from "./prepared-evaluation.ts";
import type { ArmWay } from "./arm-way.ts";

export interface EvaluationProgress {
  /** Case runs with a result, recorded ones included, and all there are. */
  readonly done: number;
  readonly total: number;
  readonly errors: number;
  /** Spent by this call so far, in US dollars; null when a price is not known. */
  readonly costUsd: number | null;
  readonly result: CaseResult;
}

export interface EvaluationOptions {
  readonly candidate: Artifact;
  /** Without one the gate is absolute: the pass rate alone decides. */
  readonly baseline?: Artifact | undefined;
  /** Where a version is asked, when that is not where the user's own settings say. */
  readonly endpoints?: Readonly<Partial<Record<VersionArm, CallEndpoint | undefined>>> | undefined;
  /** Versions whose one text may render to a list of messages, as promptfoo's prompts do. */
  readonly chatTexts?: readonly VersionArm[] | undefined;
  /** How a version is asked beyond what it is, as a configuration may say. */
  readonly ways?: Readonly<Partial<Record<VersionArm, ArmWay | undefined>>> | undefined;
  /** Whether Langfuse's clients get the prompt. */
  readonly forLangfuse?: boolean | undefined;
  /** Who calls the prompt, and with what. */
  readonly callers?: readonly Caller[] | undefined;
  readonly dataset: Dataset;
  readonly gate: EvaluationPolicy;
  readonly providers: Providers;
  /** `provider/model` of the judge; the gate's, else the candidate's own model. */
  readonly judge?: string | undefined;
  readonly recorded?: ResultStore | undefined;
  /** What `prepareEvaluation` made of these very options, where it was needed before. */
  readonly prepared?: PreparedEvaluation | undefined;
  /** Told what it will take and can find, before the first paid call. */
  readonly onPlan?: ((plan: EvaluationPlan) => void) | undefined;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What all calls are paid from; one of `max_cost_usd` in this process where the gate has that. */
  readonly budget?: Budget | undefined;
  /** Case runs under way at once; the providers' concurrency by default. */
  readonly concurrency?: number | undefined;
  /**
   * What happens when an endpoint became unreachable in the middle: `throw` ends with a retryable error (results so
   * far are in `recorded`), `report` counts the rest as errors. Without a single success it always throws.
   */
  readonly onOutage?: "throw" | "report" | undefined;
}
