import { SluiceError, unavailable } from "../domain/errors.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import type { SeenRollout } from "../storage/read/changes-since.ts";
import { type RolloutRow, rolloutScope } from "../storage/read/rollout-row.ts";
import { findVersionById } from "../storage/read/version.ts";
import { assertOpen, assertUnchanged } from "./control-by-key.ts";
import { decideApproval } from "./decide-approval.ts";
import type { Decided } from "../domain/shapes/rollouts.ts";

/** The word of a key's owner about a rollout, by its id. The row is the decision; its workflow is told after. */
export async function decideByKey(
  db: Database,
  port: RolloutsPort,
  request: {
    readonly rollout: RolloutRow;
    readonly decision: "approve" | "reject";
    readonly by: string;
    readonly comment: string;
    readonly seen?: SeenRollout | undefined;
  },
): Promise<Decided> {
  const { rollout, decision, by, comment } = request;
  await assertOpen(db, rollout);
  await assertUnchanged(db, request);
  const { prompt, number } = (await findVersionById(db, rollout.candidate_version))!;
  const decided = await decideApproval(db, {
    scope: rolloutScope(rollout),
    version: { prompt, number },
    decision,
    by,
    comment,
    proven: true,
  });
  try {
    await port.use(({ control }) => control(decided, decision, { by, ...(comment && { reason: comment }) }));
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === "unavailable")) throw error;
    throw unavailable(
      `the decision is kept, but the rollout could not be told of it: ${error.message}. It reads the decision by itself once it goes on`,
      { ...error.details, ...decided },
      error,
    );
  }
  return decided;
}
