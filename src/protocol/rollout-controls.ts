import type { TemporalFacts } from "./temporal-facts.ts";
import type { ControlName } from "./names.ts";
import type { ControlRequest, PromotionAnswer, RolloutProgress } from "./rollout-messages.ts";
import type {
  DeliveryTemporal,
  EvaluationTemporal,
  PropagationTemporal,
  RolloutTemporal,
} from "./rollout-temporal.ts";

/** What each control is answered with. */
export type ControlAnswer<Name extends ControlName> = Name extends "promote"
  ? PromotionAnswer
  : RolloutProgress;

/** Which rollout is asked: another one that runs under the same workflow id refuses. */
export interface ControlledRollout {
  readonly workflowId: string;
  readonly rolloutId: string;
}

/** What is asked of Temporal about rollouts, evaluations, deliveries and propagations. */
export interface Rollouts extends RolloutTemporal, EvaluationTemporal, DeliveryTemporal, PropagationTemporal {
  /** The same `id` again is carried out once, and answered as it was. */
  readonly control: <Name extends ControlName>(
    rollout: ControlledRollout,
    name: Name,
    request: ControlRequest,
    id?: string,
  ) => Promise<ControlAnswer<Name>>;
  /** What a control was answered with, also by a workflow that has ended; undefined where nothing was done under this id. */
  readonly answered: <Name extends ControlName>(
    run: { readonly workflowId: string; readonly runId: string },
    name: Name,
    id: string,
  ) => Promise<ControlAnswer<Name> | undefined>;
  /** What Temporal says of this installation's part of it. */
  readonly facts: () => Promise<TemporalFacts>;
  /** The workflow's page in Temporal's UI; null where no UI is known. */
  readonly pageOf: (workflow: {
    readonly workflowId: string;
    readonly runId: string | null;
  }) => string | null;
}

/** A connection to Temporal that is opened when it is first needed, and kept. */
export interface RolloutsPort {
  /** Fails with `unavailable` where Temporal cannot be reached. */
  use<T>(work: (rollouts: Rollouts) => Promise<T>): Promise<T>;
  /** As that of `Rollouts`, without a connection. */
  pageOf?(workflow: Parameters<Rollouts["pageOf"]>[0]): Promise<string | null>;
  close(): Promise<void>;
}
