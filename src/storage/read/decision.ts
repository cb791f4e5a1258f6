import type { Database } from "../database.ts";
import { findRollout } from "./rollout-row.ts";

export interface StandingDecision {
  readonly decision: "approved" | "rejected" | "waiting";
  readonly reason: string;
  readonly approvedBy: readonly string[];
}

/**
 * What the people asked have decided about a rollout at one of its two points, where `until` says before a
 * time. One rejection ends it.
 */
export async function standingDecision(
  db: Database,
  rolloutId: string,
  point: "canary" | "promote",
  until?: Date,
): Promise<StandingDecision> {
  const rollout = await findRollout(db, rolloutId);
  const needed = rollout?.policy.approval?.approvers ?? 1;
  let decisions = db
    .selectFrom("approvals")
    .select(["actor", "asserted_actor", "decision", "comment"])
    .where("rollout_id", "=", rolloutId)
    .where("point", "=", point);
  if (until !== undefined) decisions = decisions.where("decided_at", "<=", until);
  const rows = await decisions.orderBy("decided_at").execute();
  const who = (row: { actor: string; asserted_actor: string }) => row.asserted_actor || row.actor;
  const rejection = rows.find((row) => row.decision === "reject");
  const approvedBy = [...new Set(rows.filter((row) => row.decision === "approve").map(who))];
  if (rejection)
    return {
      decision: "rejected",
      reason: `rejected by ${who(rejection)}${rejection.comment ? `: ${rejection.comment}` : ""}`,
      approvedBy,
    };
  if (approvedBy.length >= needed)
    return { decision: "approved", reason: `approved by ${approvedBy.join(", ")}`, approvedBy };
  return { decision: "waiting", reason: `${approvedBy.length} of ${needed} approvals`, approvedBy };
}
