import { SluiceError, unavailable } from "../domain/errors.ts";
import type { Decided } from "../domain/shapes/rollouts.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { type Decide, decideApproval } from "./decide-approval.ts";

/** The row in the database is the decision; its workflow is only told to look. */
export async function decideAndNotify(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  decide: Decide,
): Promise<Decided> {
  return notifyOfDecision(db, port, decide, await decideApproval(db, decide));
}

/** Tells a rollout's workflow to look at a decision that is kept. */
export async function notifyOfDecision(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  { decision, by, comment }: Pick<Decide, "decision" | "by" | "comment">,
  decided: Decided,
): Promise<Decided> {
  try {
    await port.use(({ control }) => control(decided, decision, { by, ...(comment && { reason: comment }) }));
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    // The decision was taken. That its workflow has read it by itself, or is ending since, is no refusal of it.
    if (error.code === "conflict" || (error.code === "not_found" && (await hasEnded(db, decided))))
      return decided;
    if (error.code !== "unavailable") throw error;
    throw unavailable(
      `your decision is kept, but the rollout could not be notified: ${error.message}. It reads the decision by itself once it goes on`,
      { ...error.details, ...decided },
      error,
    );
  }
  return decided;
}

async function hasEnded(db: Database, { rolloutId }: Pick<Decided, "rolloutId">): Promise<boolean> {
  const rollout = await findRollout(db, rolloutId);
  return rollout !== undefined && rollout.outcome !== null;
}
