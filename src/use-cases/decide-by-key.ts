import type { PrincipalKind } from "../domain/access/principal.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import type { SeenRollout } from "../storage/read/changes-since.ts";
import { type RolloutRow, rolloutScope } from "../storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";
import { findTakenDecision } from "../storage/write/record-approval.ts";
import { assertOpen, assertUnchanged } from "./control-by-key.ts";
import { decidedAs } from "./decide-approval.ts";
import { decideAndNotify, notifyOfDecision } from "./decide-and-notify.ts";
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
    /** The same again is answered with what was decided, even where it has ended the rollout since. */
    readonly operationId: string;
  },
): Promise<Decided> {
  const { rollout, decision, by, proof, email, comment, operationId } = request;
  const version = (await findVersionById(db, rollout.candidate_version))!;
  const taken = await findTakenDecision(db, request);
  if (taken !== undefined) {
    const decided = await decidedAs(db, { rollout, decision, candidate: versionName(version) }, taken);
    return rollout.outcome === null ? notifyOfDecision(db, port, request, decided) : decided;
  }
  await assertOpen(db, rollout);
  await assertUnchanged(db, request);
  const scope = rolloutScope(rollout);
  return decideAndNotify(db, port, {
    scope,
    version: { prompt: version.prompt, number: version.number },
    decision,
    by,
    comment,
    proof,
    email,
    operationId,
  });
}
