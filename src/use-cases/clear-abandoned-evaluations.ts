import type { EvaluationTemporal } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { findOpenEvaluations } from "../storage/read/evaluation.ts";
import { closeEvaluation } from "../storage/write/open-evaluation.ts";
import { goneFrom, NEVER_STARTED, type Sweep, WHY_GONE } from "./clear-abandoned.ts";

/**
 * Goes over the evaluations that have not ended, and ends without a verdict those whose workflow is surely gone: one's
 * own, or, of a rollout's gate, the rollout's. Gives those that it ended.
 */
export async function clearAbandonedEvaluations(
  db: Database,
  temporal: Pick<EvaluationTemporal, "evaluationStanding">,
  sweep: Sweep,
): Promise<string[]> {
  const cleared: string[] = [];
  for (const { outcome, ...evaluation } of await findOpenEvaluations(db, sweep.olderThanMs)) {
    const { id } = evaluation;
    let reason = outcome === null ? undefined : `its rollout ended before it: ${outcome}`;
    if (evaluation.rollout_id === null) {
      const seen = { kind: "evaluations", id, missingSince: evaluation.missing_since } as const;
      const gone = await goneFrom(db, await temporal.evaluationStanding(evaluation), seen, sweep);
      const isStarted = evaluation.temporal_namespace_id !== null;
      reason = gone === "missing" && !isStarted ? NEVER_STARTED : gone && WHY_GONE[gone];
    }
    if (reason !== undefined && (await closeEvaluation(db, id, reason))) cleared.push(id);
  }
  return cleared;
}
