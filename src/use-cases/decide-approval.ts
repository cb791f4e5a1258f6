import { conflict } from "../domain/errors.ts";
import { nothingToDecide } from "../domain/rollout/rollout-refusals.ts";
import type { PrincipalKind } from "../domain/access/principal.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { ownLogin, standingDecision } from "../storage/read/decision.ts";
import { findLatestRollout, findOpenRollout, type RolloutRow } from "../storage/read/rollout-row.ts";
import { requireVersion, versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { recordApproval, recordApprovalOnce, type TakenDecision } from "../storage/write/record-approval.ts";
import type { Decided } from "../domain/shapes/rollouts.ts";
import { requireApprover } from "./require-approver.ts";

export interface Decide {
  readonly scope: ScopeColumns;
  readonly version: { readonly prompt: string; readonly number: number };
  readonly decision: "approve" | "reject";
  readonly by: string;
  readonly comment: string;
  /** What they have proven to the database: they are told apart by that name, and not by its login. */
  readonly proof?: PrincipalKind | undefined;
  /** A person's, where the issuer has verified it. */
  readonly email?: string | undefined;
  /** The same decision asked again is the one that was taken, whatever has become of the rollout since. */
  readonly operationId?: string | undefined;
}

/**
 * Keeps an operator's decision about the rollout that waits for one. `conflict` when it does not wait, or is
 * of another version; `forbidden` when the policy wants somebody else than the version's author.
 */
export async function decideApproval(db: Database, decide: Decide): Promise<Decided> {
  const { scope, decision, by, comment } = decide;
  const version = await requireVersion(db, decide.version);
  const candidate = versionName(version);
  const where = describeScope(columnsScope(scope));
  const rollout = await findOpenRollout(db, scope);
  if (!rollout) {
    const last = await findLatestRollout(db, scope);
    throw nothingToDecide(scope, last);
  }
  if (rollout.candidate_version !== version.id)
    throw conflict(
      `the rollout that runs for ${where} is of another version; see: sluice rollout status ${scope.prompt}`,
      {
        rolloutId: rollout.id,
      },
    );
  const point = rollout.waiting_for;
  if (point === "operator")
    throw conflict(
      `the rollout of ${candidate} is inconclusive and waits for an operator, not for an approval: sluice rollout promote ${scope.prompt}, or sluice rollout abort ${scope.prompt}`,
      { rolloutId: rollout.id, phase: rollout.phase },
    );
  if (point === null)
    throw conflict(
      `the rollout of ${candidate} is in phase ${rollout.phase} and waits for no approval${rollout.policy.approval ? " yet" : ""}`,
      { rolloutId: rollout.id, phase: rollout.phase },
    );
  if (decision === "approve") {
    const { proof, email } = decide;
    await requireApprover(db, rollout, version, { by, login: await ownLogin(db), proof, email });
  }
  const before = await standingDecision(db, rollout.id, point);
  const approval = { rollout, point, decision, assertedActor: by, comment };
  const approvedBefore = before.approvedBy.length;
  const { operationId } = decide;
  const taken = await transact(db, async (transaction) =>
    operationId === undefined
      ? { point, approvedBefore, recorded: await recordApproval(transaction, approval) }
      : recordApprovalOnce(transaction, approval, { operationId, approvedBefore }),
  );
  return decidedAs(db, { rollout, candidate, decision }, taken);
}

/** What has come of a decision that was taken, as it stands now. */
export async function decidedAs(
  db: Database,
  { rollout, candidate, decision }: { rollout: RolloutRow; candidate: string } & Pick<Decide, "decision">,
  { point, recorded, approvedBefore }: TakenDecision,
): Promise<Decided> {
  const standing = await standingDecision(db, rollout.id, point);
  const counts = decision === "reject" || !recorded || standing.approvedBy.length > approvedBefore;
  return {
    ...standing,
    rolloutId: rollout.id,
    workflowId: rollout.workflow_id,
    candidate,
    point,
    recorded,
    login: await ownLogin(db),
    counts,
  };
}
