import type { RolloutAct } from "../../../domain/rollout/offered-acts.ts";
import type { RolloutStatus } from "../../../domain/rollout/rollout.ts";
import type { Rights } from "../../../domain/shapes/rights.ts";

/** A rollout as `GET /v1/rollouts/ID` gives it to whoever asks. */
export interface ShownRollout extends RolloutStatus {
  readonly can: Rights<RolloutAct>;
  /** Its workflow's page in Temporal; null where nobody knows of one. */
  readonly uiUrl?: string | null;
}
