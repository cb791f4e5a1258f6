import { messageOf, SluiceError, unavailable } from "../domain/errors.ts";
import type { Decided } from "../domain/shapes/rollouts.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import { type Decide, decideApproval } from "./decide-approval.ts";

/** As a rollout refuses what comes too late. */
const ENDS_REJECTED = /(?:is ending|has ended): rejected$/;

/** The row in the database is the decision; its workflow is only told to look. */
export async function decideAndNotify(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  decide: Decide,
): Promise<Decided> {
  const { decision, by, comment } = decide;
  const decided = await decideApproval(db, decide);
  try {
    await port.use(({ control }) => control(decided, decision, { by, ...(comment && { reason: comment }) }));
  } catch (error) {
    // It has read the row by itself before it could be told.
    if (decision === "reject" && ENDS_REJECTED.test(messageOf(error))) return decided;
    if (!(error instanceof SluiceError && error.code === "unavailable")) throw error;
    throw unavailable(
      `your decision is kept, but the rollout could not be notified: ${error.message}. It reads the decision by itself once it goes on`,
      { ...error.details, ...decided },
      error,
    );
  }
  return decided;
}
