import { firstEqual } from "../src/evaluation/dataset/duplicates.ts";
import type {
  ConcludedTriage,
  OpenedTriage,
  TriageFailed,
  TriageInput,
} from "../src/protocol/monitor-values.ts";
import type { RolloutTemporal } from "../src/protocol/rollout-temporal.ts";
import { concludeTriage, requireTriage, saveTriageProblem } from "../src/use-cases/conclude-triage.ts";
import { openTriage } from "../src/use-cases/open-triage.ts";
import type { EvaluationParts } from "./evaluations.ts";
import { evaluationLoader } from "./load-evaluation.ts";

export interface TriageParts extends EvaluationParts {
  readonly temporal: Pick<RolloutTemporal, "place">;
}

/** What telling whose doing an alert is needs around its evaluations. */
export function triageActivities({ db, providers, temporal }: TriageParts) {
  const load = evaluationLoader(db, providers);
  return {
    /** Opens the evaluations, the same two however often it is asked. */
    openTriage: ({ alertId }: TriageInput): Promise<OpenedTriage> =>
      openTriage(db, alertId, () => temporal.place()),

    /** Compares, keeps whose doing it is with the alert, and does what was set for that. */
    async concludeTriage({ alertId }: TriageInput): Promise<ConcludedTriage> {
      const { live_evaluation: evaluationId } = await requireTriage(db, alertId);
      const { cases } = (await load(evaluationId)).prepared;
      return concludeTriage(db, { alertId, cases: cases.length, firstEqual: firstEqual(cases) });
    },

    /** Keeps with the alert why the tests say nothing. */
    failTriage: ({ alertId, reason }: TriageFailed): Promise<void> => saveTriageProblem(db, alertId, reason),
  };
}
