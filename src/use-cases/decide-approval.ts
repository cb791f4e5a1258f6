import { conflict, SluiceError } from "../domain/errors.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { standingDecision, type StandingDecision } from "../storage/read/decision.ts";
import { findLatestRollout, findOpenRollout } from "../storage/read/rollout-row.ts";
import { requireVersion, versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { recordApproval } from "../storage/write/record-approval.ts";

export interface Decide {
  readonly scope: ScopeColumns;
  readonly version: { readonly prompt: string; readonly number: number };
  readonly decision: "approve" | "reject";
  readonly by: string;
  readonly comment: string;
}

export interface Decided extends StandingDecision {
  readonly rolloutId: string;
  readonly candidate: string;
  readonly point: "canary" | "promote";
  /** False when this person had said the same before. */
  readonly recorded: boolean;
}

/**
 * Keeps a person's decision about the rollout that waits for one. `conflict` when it does not wait, or is
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
    throw conflict(
      `no rollout is running for ${where}${last ? `; the last one ended: ${last.outcome} (${last.reason})` : ""}`,
    );
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
  if (decision === "approve" && rollout.policy.approval?.distinct_author && version.author === by)
    throw new SluiceError(
      "forbidden",
      `${by} wrote ${candidate}: its policy wants somebody else to approve it (approval.distinct_author)`,
      { author: version.author },
    );
  const recorded = await transact(db, (transaction) =>
    recordApproval(transaction, { rollout, point, decision, assertedActor: by, comment }),
  );
  const standing = await standingDecision(db, rollout.id, point);
  return { ...standing, rolloutId: rollout.id, candidate, point, recorded };
}
