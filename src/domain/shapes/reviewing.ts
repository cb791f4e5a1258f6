import type { SyncPlan } from "./syncing.ts";
import type { VersionDiff } from "./versions.ts";

/** What a review comes to. `unchanged`: no prompt differs from the base; `unusable`: a file cannot be taken. */
export type ReviewVerdict = "pass" | "fail" | "insufficient" | "unchanged" | "unusable";

/** A case that the base's prompt gets right and the changed one does not. */
export interface WorseCase {
  /** From 1, in the order of the dataset. */
  readonly number: number;
  readonly description: string | null;
  readonly reason: string;
  readonly before: string;
  readonly after: string;
}

/** What the gate found of one changed prompt. */
export interface ReviewedGate {
  readonly verdict: "pass" | "fail" | "insufficient";
  /** One plain sentence. */
  readonly reason: string;
  readonly passRate: number | null;
  readonly baselinePassRate: number | null;
  readonly regression: number | null;
  readonly cases: number;
  /** In US dollars; null when a model's price is not known. */
  readonly costUsd: number | null;
  /** Results that were there already, and asked of no model again. */
  readonly reused: number;
  readonly worse: readonly WorseCase[];
  /** What else did not pass, one line each. */
  readonly otherFailures: readonly string[];
  readonly warnings: readonly string[];
}

export interface ReviewedPrompt {
  readonly prompt: string;
  readonly path: string;
  /** The first line of the file that differs from the base. */
  readonly line: number;
  /** `git:COMMIT:PATH`; null: the base has no such prompt. */
  readonly baseline: string | null;
  /** Against the base; null where the prompt is new or its text is the same. */
  readonly diff: VersionDiff | null;
  /** Null: it was not evaluated. */
  readonly gate: ReviewedGate | null;
  /** Why it was not evaluated; null where it was. */
  readonly skipped: string | null;
}

/** Something to be shown at a line of a file. */
export interface Annotation {
  readonly level: "notice" | "warning" | "failure";
  readonly path: string;
  readonly line: number;
  readonly title: string;
  readonly message: string;
}

/** What `sync review` prints. */
export interface Review {
  readonly file: string;
  /** The commit that the prompts are compared with. */
  readonly base: string;
  readonly commit: string | null;
  /** A sample of the cases was asked. */
  readonly quick: boolean;
  readonly verdict: ReviewVerdict;
  /** The changed prompts, in the order of their names. */
  readonly prompts: readonly ReviewedPrompt[];
  /** What merging would do; null without a store. */
  readonly plan: SyncPlan | null;
  /** Why there is no plan, where a store is named. */
  readonly planProblem: string | null;
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly costUsd: number | null;
  readonly annotations: readonly Annotation[];
}
