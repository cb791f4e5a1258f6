import type {
  DependantFailed,
  DependantStep,
  DependantToMake,
  PropagationEnded,
  PropagationPlan,
} from "../src/protocol/activity-values.ts";
import type { RolloutTemporal } from "../src/protocol/rollout-temporal.ts";
import type { Database } from "../src/storage/database.ts";
import { isUnderWay, propagationSteps } from "../src/storage/read/propagations.ts";
import { changeStep } from "../src/storage/write/propagations.ts";
import { beginDependant, requireStep } from "../src/use-cases/begin-dependant.ts";
import { endPropagation, lookAtDependant } from "../src/use-cases/look-at-dependant.ts";

export interface PropagationParts {
  readonly db: Database;
  /** Where rollouts are started. */
  readonly temporal: RolloutTemporal;
}

export function propagationActivities({ db, temporal }: PropagationParts) {
  return {
    /** What of a propagation has not come to its end, in the order in which it can be made. */
    async planPropagation({ propagationId }: { readonly propagationId: string }): Promise<PropagationPlan> {
      const open = (await propagationSteps(db, propagationId)).filter(isUnderWay);
      const prompts = new Set(open.map(({ prompt }) => prompt));
      const steps = open.map(({ prompt, needs }) => ({
        prompt,
        needs: needs.filter((one) => prompts.has(one)),
      }));
      return { steps };
    },

    /** Makes a dependant anew, and begins its gate or its rollout. */
    async beginDependant(dependant: DependantToMake): Promise<DependantStep> {
      return beginDependant(db, temporal, dependant);
    },

    /** One look at how far that is. */
    async lookAtDependant(dependant: DependantToMake): Promise<DependantStep> {
      return lookAtDependant(db, dependant);
    },

    /** Keeps that it cannot go on, and why. */
    async failDependant({ propagationId, prompt, reason }: DependantFailed): Promise<void> {
      const step = await requireStep(db, propagationId, prompt);
      if (isUnderWay(step)) await changeStep(db, step, { state: "failed", reason });
    },

    async endPropagation({ propagationId, reason }: PropagationEnded): Promise<void> {
      await endPropagation(db, propagationId, reason);
    },
  };
}
