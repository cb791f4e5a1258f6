import { conflict, notFound } from "../domain/errors.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import { findEvaluation } from "../storage/read/evaluation.ts";
import { findVersionById } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { appendAudit } from "../storage/write/append-audit.ts";
import { failEvaluation } from "../storage/write/open-evaluation.ts";

export interface StopEvaluation {
  readonly id: string;
  readonly by: string;
  /** Kept with it, and in the audit log. */
  readonly reason: string;
  readonly operationId: string;
}

/**
 * Ends an evaluation that runs without a verdict: no answer is asked for any more, and what there is stays. `conflict`
 * where it has ended, or is the gate of a rollout, which is stopped itself; `unavailable` where Temporal is away.
 */
export async function stopEvaluation(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  { id, by, reason, operationId }: StopEvaluation,
): Promise<void> {
  const evaluation = await findEvaluation(db, id);
  const candidate = evaluation && (await findVersionById(db, evaluation.candidate_version));
  if (!candidate) throw notFound("there is no such evaluation", { evaluationId: id });
  const { rollout_id: rolloutId, ended_at: endedAt } = evaluation;
  if (rolloutId !== null)
    throw conflict(`these are the tests of a rollout: stop the rollout ${rolloutId} in their place`, {
      evaluationId: id,
      rolloutId,
    });
  if (endedAt !== null) throw conflict("the evaluation has ended already", { evaluationId: id });
  await port.use((temporal) => temporal.cancelEvaluation(id));
  await transact(db, async (transaction) => {
    await failEvaluation(transaction, id, `stopped by ${by}: ${reason}`);
    await appendAudit(transaction, {
      prompt: candidate.prompt,
      action: "evaluation_stopped",
      operationId,
      toVersion: candidate.id,
      assertedActor: by,
      reason,
      details: { evaluationId: id },
    });
  });
}
