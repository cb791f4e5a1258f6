import type { DeliveryInput, PropagationInput, RolloutInput } from "./activity-values.ts";
import type { TriageInput } from "./monitor-values.ts";

/** A namespace of a Temporal, by its name and by the id that no other namespace anywhere has. */
export interface TemporalPlace {
  readonly namespace: string;
  readonly namespaceId: string;
}

/** What Temporal knows of a rollout's workflow. */
export type WorkflowStanding =
  /** It runs, in whatever run: an operator may have reset it. */
  | "running"
  /** It has come to its end, and closes no rollout without closing its row before. */
  | "ended"
  /** It is surely over: stopped from outside, or another rollout has its id since. */
  | "over"
  /** Nothing is known of it: never started, deleted, or too long ago. */
  | "missing"
  /** It belongs to another Temporal, or another namespace, than the one that was asked. */
  | "elsewhere";

/** A rollout as its row says where its workflow is; null where that is not known yet. */
export interface LocatedRollout {
  readonly id: string;
  readonly workflow_id: string;
  readonly run_id: string | null;
  readonly temporal_namespace_id: string | null;
}

/** What an installation's database says of a rollout by its id; `none`: it is not its own. */
export type RolloutRowState = "open" | "closed" | "none";

/** What a workflow that is started is known by in Temporal, beside its own id: whose it is. */
export interface Owner {
  /** The id that was made with the database. */
  readonly installation: string;
}

/** Why a workflow is stopped that its own database does not know. */
export const FORGOTTEN =
  "the database does not know it: it was restored from a backup that was made before this began";

/** A workflow that runs, by what it carries out. */
export interface RunningWork {
  readonly workflowId: string;
  readonly runId: string;
  readonly kind: "rollout" | "evaluation" | "delivery" | "propagation" | "triage";
  readonly subject: string;
}

/** What finding work needs of Temporal that a database does not know. */
export interface WorkTemporal {
  /** The workflows of an installation that run. */
  running(owner: Owner): AsyncIterable<RunningWork>;
  /** Stops a workflow from outside, without its having another word; one that is over is left so. */
  terminate(work: Pick<RunningWork, "workflowId" | "runId">, reason: string): Promise<void>;
}

/** An evaluation that is no rollout's. */
export interface EvaluationToStart extends Owner {
  readonly evaluationId: string;
  /** `support-reply@2` */
  readonly candidate: string;
}

/** The same as its row says where its workflow is; null: it was never started. */
export interface LocatedEvaluation {
  readonly id: string;
  readonly temporal_namespace_id: string | null;
}

/** What evaluating without a rollout needs of Temporal. */
export interface EvaluationTemporal {
  /** Starts an evaluation's workflow, once: starting it again changes nothing. */
  startEvaluation(evaluation: EvaluationToStart): Promise<void>;
  evaluationStanding(evaluation: LocatedEvaluation): Promise<WorkflowStanding>;
  /** Asks its workflow to end without a verdict; one that has ended, or never began, is left so. */
  cancelEvaluation(id: string): Promise<void>;
}

export interface DeliveryOwner extends Owner {
  readonly prompt: string;
}

/** What taking versions through environments needs of Temporal. */
export interface DeliveryTemporal {
  /** Starts a delivery's workflow; one that runs goes on. */
  startDelivery(delivery: DeliveryInput, of: DeliveryOwner): Promise<void>;
  /** Has one look again now. False: none runs. */
  wakeDelivery(prompt: string, commit: string): Promise<boolean>;
  /** Whether its workflow runs. */
  deliveryRuns(prompt: string, commit: string): Promise<boolean>;
}

/** What taking a version to its dependants needs of Temporal. */
export interface PropagationTemporal {
  /** Starts a propagation's workflow: one that runs goes on, and one that was terminated begins again. */
  startPropagation(propagation: PropagationInput, of: Owner): Promise<void>;
  /** Whether its workflow runs. */
  propagationRuns(propagationId: string): Promise<boolean>;
}

/** What asking golden sets again needs of Temporal. */
export interface RegateTemporal {
  /** Has a monitor's schedule begin no more runs, and says why. */
  pauseRegate(monitorId: string, why: string): Promise<void>;
}

export interface TriageOwner extends Owner {
  /** `support-reply@2`, for readers. */
  readonly version: string;
}

/** What asking tests again because of an alert needs of Temporal. */
export interface TriageTemporal {
  /** Starts its workflow: one that runs goes on, and one that was terminated begins again. */
  startTriage(triage: TriageInput, of: TriageOwner): Promise<void>;
  /** Whether its workflow runs. */
  triageRuns(alertId: string): Promise<boolean>;
}

export interface RolloutOwner extends Owner {
  readonly rowOf: (rolloutId: string) => Promise<RolloutRowState>;
}

/** What starting, replacing and sweeping rollouts need of Temporal. */
export interface RolloutTemporal {
  readonly taskQueue: string;
  place(): Promise<TemporalPlace>;
  /**
   * Starts a rollout's workflow, once: starting it again gives the run that there is. A workflow that is left of
   * an earlier rollout, one whose row is closed, is waited for, then ended. Null where a newer rollout of this
   * installation has the id: this one was ended before its workflow began. `conflict` where the id is
   * another installation's.
   */
  start(
    input: RolloutInput,
    workflowId: string,
    of: RolloutOwner,
  ): Promise<{ readonly runId: string } | null>;
  standing(rollout: LocatedRollout): Promise<WorkflowStanding>;
}
