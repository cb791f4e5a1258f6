import type { TestsReading } from "../../domain/rollout/reading.ts";
import type { EvaluationReport } from "./evaluation-report.ts";

/** What workers were asked to evaluate. */
export interface RequestedEvaluation {
  readonly evaluationId: string;
  readonly candidate: string;
  readonly baseline: string | null;
  /** Test cases, each asked of both versions as often as the gate repeats them. */
  readonly cases: number;
  /** How many answers that takes at most. */
  readonly runs: number;
  readonly maxCostUsd: number;
}

/** One that was ended before it had a verdict. */
export interface StoppedEvaluation {
  readonly evaluationId: string;
}

/** An evaluation that is kept in the store, in a list. */
export interface ListedEvaluation {
  readonly evaluationId: string;
  readonly prompt: string;
  /** `support-reply@2` */
  readonly candidate: string;
  readonly baseline: string | null;
  /** The rollout that it is the gate of; null: of a request, or of `sluice eval`. */
  readonly rolloutId: string | null;
  /** `failed`: it ended without a verdict, and `reason` says why. */
  readonly state: "running" | "ended" | "failed";
  readonly verdict: "pass" | "fail" | "insufficient" | null;
  readonly reason: string | null;
  readonly costUsd: number | null;
  /** What it may spend at most, in US dollars; null: no limit. */
  readonly maxCostUsd: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export interface ShownEvaluation extends ListedEvaluation {
  /** Case runs with a result, those without one that ended in an error among them. */
  readonly recorded: number;
  readonly errors: number;
  /** The same as sentences need it. */
  readonly tests: TestsReading;
  /** What it has found, without the results; null until then. */
  readonly report: Omit<EvaluationReport, "results"> | null;
}
