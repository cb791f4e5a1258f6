import type { AwaitedRollout, DeliveryState } from "../domain/shapes/delivering.ts";
import type { PropagationState } from "../domain/shapes/propagating.ts";
import type { Outcome } from "../domain/rollout/rollout.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Verdict } from "../domain/rollout/verdict.ts";

/** What activities take and give: ids, counts and verdicts, never a prompt's text or a user's data. */

/** What a rollout is started with: ids and digests only, nothing of a prompt's text. */
export interface RolloutInput {
  readonly rolloutId: string;
  /** The caller's name for this attempt; the same name again is the same attempt. */
  readonly requestId: string;
  readonly scope: ScopeColumns;
  readonly candidateVersion: string;
  /** `support-reply@2`, for readers. */
  readonly candidate: string;
  readonly policySha256: string;
  readonly datasetSha256: string | null;
  readonly startedBy: string | null;
}

export type BegunRollout =
  | {
      readonly begun: true;
      /** `support-reply@1`, or null where the scope serves nothing yet. */
      readonly baseline: string | null;
      /** There is no canary: a passed gate, approved where asked, is promoted. */
      readonly isGateAlone: boolean;
      readonly stages: readonly number[];
      readonly hasGate: boolean;
      readonly onInsufficient: "canary" | "reject";
      readonly onInconclusive: "rollback" | "hold" | "promote_if_noninferior";
      readonly holdTimeoutMs: number;
      readonly approveBefore: readonly ("canary" | "promote")[];
      readonly approvers: number;
      readonly approvalTimeoutMs: number;
      readonly watchForMs: number | null;
      /** After this long without a sign of its watch another worker takes it over; null where there is no canary. */
      readonly watchHeartbeatMs: number | null;
      readonly notifies: boolean;
    }
  | { readonly begun: false; readonly outcome: Outcome; readonly reason: string };

export interface GateResult {
  readonly verdict: "pass" | "fail" | "insufficient";
  /** What an insufficient verdict looks like: only `fine` may go on to a canary. Null of the others. */
  readonly looks: "fine" | "worse" | "not_delivered" | null;
  readonly reason: string;
  readonly cases: number;
  /** 0 to 1; null when nothing has a result. */
  readonly passRate: number | null;
  readonly baselinePassRate: number | null;
  readonly costUsd: number | null;
  /** What the built-in checks found, one sentence each. */
  readonly findings: readonly string[];
}

/** An evaluation that is stored, with all that it is about. */
export interface EvaluationToRun {
  readonly evaluationId: string;
  /** It is no rollout's: how it failed is kept with it, since nobody else hears of it. */
  readonly alone?: true;
}

export interface PlannedBatches {
  /** Case runs, of both versions and every repeat. */
  readonly total: number;
  /** Of these, how many have a result before the first call. */
  readonly reused: number;
  /** From and to (exclusive), in case runs. */
  readonly batches: readonly (readonly [number, number])[];
  /** Batches at once. */
  readonly lanes: number;
}

export interface BatchToRun extends EvaluationToRun {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** What the endpoint does not answer this time is recorded as an error. */
  readonly isLastTry: boolean;
}

/** How the evaluation stands after a batch: all batches together. */
export interface BatchOutcome {
  readonly recorded: number;
  readonly errors: number;
  /** Why the batch is not done and has to be run again later; null when it is. */
  readonly outage: string | null;
  /** Absent, as `failedEarly`, in histories that an earlier Sluice began: those have the names below. */
  readonly budgetExhausted?: boolean;
  /** The candidate has failed, whatever the rest would say. */
  readonly failedEarly?: boolean;
  readonly isBudgetGone?: boolean;
  readonly isLost?: boolean;
}

export interface EvaluationFailed extends EvaluationToRun {
  readonly reason: string;
  /** Where it has ended already, what that says of it stays. */
  readonly unlessEnded?: boolean;
}

export interface EvaluationToConclude extends EvaluationToRun {
  readonly budgetExhausted?: boolean;
  /** `budgetExhausted`, as an earlier Sluice named it. */
  readonly isBudgetGone?: boolean;
}

export type Moved =
  | {
      readonly moved: true;
      readonly revision: number;
      /** Of a promotion: `12 of 12 resolvers in 41 ms`. */
      readonly served?: string;
    }
  | { readonly moved: false; readonly refusal: string; readonly message: string };

export interface StageWatch {
  readonly rolloutId: string;
  /** 0-based. */
  readonly stage: number;
  readonly epoch: number;
  readonly mode: "canary" | "holdback";
  /** Paused, on hold or waiting for an approval: only harm, a fuse, a broken split or a deadline end it. */
  readonly frozen: boolean;
  /** An operator asks whether it can be promoted now: one look, with `not_yet` where there is too little to see harm. */
  readonly promoteNow: boolean;
  /** How long of the stage's time it was frozen. */
  readonly frozenMs: number;
  /** Ends the watch with `deadline`, ms since 1970 by Temporal's clock; null: none. */
  readonly until: number | null;
  /** Ends the watch with `decided` once operators have decided about this point; null: nobody is asked. */
  readonly awaits: ApprovalPoint | null;
}

/** One metric as the Temporal UI shows it. */
export interface WatchedMetric {
  readonly metric: string;
  readonly role: string;
  readonly candidate: number | null;
  readonly control: number | null;
  readonly diff: number | null;
  readonly ci: readonly [number, number] | null;
  readonly verdict: string;
}

export interface WatchResult {
  /** A verdict of the statistics, or why there is none: the lease ran out, the pointer was moved, time is up. */
  readonly verdict:
    | Exclude<Verdict, "continue">
    | "lapsed"
    | "superseded"
    | "deadline"
    | "decided"
    | "not_yet";
  readonly reason: string;
  readonly ticks: number;
  readonly units: { readonly candidate: number; readonly control: number };
  readonly metrics: readonly WatchedMetric[];
}

export type ApprovalPoint = "canary" | "promote";

export interface DecisionToRead {
  readonly rolloutId: string;
  readonly point: ApprovalPoint;
  /** What was decided later does not count, ms since 1970. */
  readonly until: number;
}

export interface Decision {
  /** `ended`: the rollout's row is closed, so there is nothing to decide. */
  readonly decision: "approved" | "rejected" | "waiting" | "ended";
  readonly reason: string;
}

/** What a delivery is started with: ids only, and a name for readers. */
export interface DeliveryInput {
  readonly deliveryId: string;
  /** `support-reply@8`. */
  readonly version: string;
  readonly commit: string;
}

/** What one look at a delivery found. */
export interface DeliveryStep {
  readonly done: boolean;
  readonly state: DeliveryState;
  readonly reason: string;
  /** Until the next look by itself; null: when something happens. */
  readonly waitMs: number | null;
  /** Rollouts that it waits for. */
  readonly rollouts: readonly AwaitedRollout[];
}

export interface DeliveryResult {
  readonly state: DeliveryState;
  readonly reason: string;
}

/** What a propagation is started with: its id, and a name for readers. */
export interface PropagationInput {
  readonly propagationId: string;
  /** `house-style@4`. */
  readonly version: string;
}

/** A dependant, and the other dependants that it includes. */
export interface PlannedDependant {
  readonly prompt: string;
  readonly needs: readonly string[];
}

export interface PropagationPlan {
  /** What is included before what includes it. */
  readonly steps: readonly PlannedDependant[];
}

export interface DependantToMake {
  readonly propagationId: string;
  readonly prompt: string;
}

/** What has become of a dependant so far. */
export interface DependantStep {
  readonly done: boolean;
  /** Whether what includes it may be made. */
  readonly isWell: boolean;
  readonly state: PropagationState;
  /** The gate that is to be asked. */
  readonly evaluationId: string | null;
}

export interface DependantFailed extends DependantToMake {
  readonly reason: string;
}

export interface PropagationEnded {
  readonly propagationId: string;
  readonly reason: string;
}
