import type { PrincipalKind } from "../domain/access/principal.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import type { SeenRollout } from "../storage/read/changes-since.ts";
import { type RolloutRow, rolloutScope } from "../storage/read/rollout-row.ts";
import { findVersionById } from "../storage/read/version.ts";
import { assertOpen, assertUnchanged } from "./control-by-key.ts";
import { decideAndNotify } from "./decide-and-notify.ts";
import type { Decided } from "../domain/shapes/rollouts.ts";

/** The word of a key's owner about a rollout, by its id. The row is the decision; its workflow is told after. */
export async function decideByKey(
  db: Database,
  port: RolloutsPort,
  request: {
    readonly rollout: RolloutRow;
    readonly decision: "approve" | "reject";
    readonly by: string;
    /** What was proven of them. */
    readonly proof: PrincipalKind;
    readonly email?: string | undefined;
    readonly comment: string;
    readonly seen?: SeenRollout | undefined;
  },
): Promise<Decided> {
  const { rollout, decision, by, proof, email, comment } = request;
  await assertOpen(db, rollout);
  await assertUnchanged(db, request);
  const { prompt, number } = (await findVersionById(db, rollout.candidate_version))!;
  const scope = rolloutScope(rollout);
  return decideAndNotify(db, port, {
    scope,
    version: { prompt, number },
    decision,
    by,
    comment,
    proof,
    email,
  });
}
