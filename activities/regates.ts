import { firstEqual } from "../src/evaluation/dataset/duplicates.ts";
import type { BegunRegate, ConcludedRegate, RegateFailed } from "../src/protocol/monitor-values.ts";
import type { RegateTemporal, RolloutTemporal } from "../src/protocol/rollout-temporal.ts";
import { endRegate } from "../src/storage/write/regates.ts";
import { beginRegate } from "../src/use-cases/begin-regate.ts";
import { concludeRegate } from "../src/use-cases/conclude-regate.ts";
import type { EvaluationParts } from "./evaluations.ts";
import { evaluationLoader } from "./load-evaluation.ts";

export interface RegateParts extends EvaluationParts {
  readonly temporal: Pick<RolloutTemporal, "place"> & RegateTemporal;
}

/** What asking a golden set again needs around its evaluation. */
export function regateActivities({ db, providers, temporal }: RegateParts) {
  const load = evaluationLoader(db, providers);
  return {
    /** Opens the evaluation, once for a run of the workflow; nothing is opened where nothing is set or live. */
    beginRegate: (regate: { readonly monitorId: string; readonly runId: string }): Promise<BegunRegate> =>
      beginRegate(db, regate, () => temporal.place()),

    /** Keeps the reference, or compares with it and tells. */
    async concludeRegate({ evaluationId }: { readonly evaluationId: string }): Promise<ConcludedRegate> {
      const { prepared } = await load(evaluationId);
      const { cases } = prepared;
      return concludeRegate(db, { evaluationId, cases: cases.length, firstEqual: firstEqual(cases) });
    },

    /** Keeps why it found nothing, and has no other begun by the clock until somebody sets it again. */
    async failRegate({ monitorId, evaluationId, reason }: RegateFailed): Promise<void> {
      if (evaluationId !== null) await endRegate(db, evaluationId, { problem: reason });
      await temporal.pauseRegate(monitorId, reason);
    },
  };
}
