import { counted } from "../../domain/counted.ts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { findRollout } from "./rollout-row.ts";
import { findVersionById } from "./version.ts";

/** By what approvals are told apart: the login that Postgres saw, or the name that somebody gave. */
export type CountedBy = "login" | "asserted";

export interface StandingDecision {
  readonly decision: "approved" | "rejected" | "waiting";
  readonly reason: string;
  readonly approvedBy: readonly string[];
  readonly countedBy: CountedBy;
}

interface Approval {
  readonly actor: string;
  readonly asserted_actor: string;
}

/**
 * What the operators asked have decided about a rollout at one of its two points, where `until` says before a
 * time. One rejection ends it. Each login counts once; names that operators give themselves count only where the
 * policy says `asserted`.
 */
export async function standingDecision(
  db: Database,
  rolloutId: string,
  point: "canary" | "promote",
  until?: Date,
): Promise<StandingDecision> {
  const rollout = await findRollout(db, rolloutId);
  const needed = rollout?.policy.approval?.approvers ?? 1;
  const countedBy = rollout?.policy.approval?.asserted ? "asserted" : "login";
  let decisions = db
    .selectFrom("approvals")
    .select(["actor", "asserted_actor", "decision", "comment"])
    .where("rollout_id", "=", rolloutId)
    .where("point", "=", point);
  if (until !== undefined) decisions = decisions.where("decided_at", "<=", until);
  const rows = await decisions.orderBy("decided_at").execute();
  const author = rollout?.policy.approval?.distinct_author
    ? await authorOf(db, rollout.candidate_version, countedBy)
    : undefined;
  const who = (row: Approval) => (countedBy === "asserted" ? row.asserted_actor || row.actor : row.actor);
  const rejection = rows.find((row) => row.decision === "reject");
  const approving = rows.filter((row) => row.decision === "approve").map(who);
  const approvedBy = [...new Set(approving)].filter((one) => one !== author);
  const by = { approvedBy, countedBy } as const;
  if (rejection)
    return {
      decision: "rejected",
      reason: `rejected by ${who(rejection)}${rejection.comment ? `: ${rejection.comment}` : ""}`,
      ...by,
    };
  if (approvedBy.length >= needed)
    return { decision: "approved", reason: `approved by ${approvedBy.join(", ")}`, ...by };
  return { decision: "waiting", reason: `${approvedBy.length} of ${counted(needed, "approval")}`, ...by };
}

/** Who wrote a version: the login that pushed it, or the name that was given then. */
async function authorOf(db: Database, versionId: string, by: CountedBy): Promise<string | undefined> {
  if (by === "login") return authorLogin(db, versionId);
  return (await findVersionById(db, versionId))?.author;
}

/** The login that pushed a version, as the audit log has it. */
export async function authorLogin(db: Database, versionId: string): Promise<string | undefined> {
  const pushed = await db
    .selectFrom("audit")
    .innerJoin("versions", "versions.prompt", "audit.prompt")
    .select("audit.actor")
    .where("versions.id", "=", versionId)
    .where("audit.action", "=", "version_pushed")
    .where("audit.to_version", "=", versionId)
    .orderBy("audit.seq")
    .limit(1)
    .executeTakeFirst();
  return pushed?.actor;
}

/** The login of this connection, as approvals and the audit log see it. */
export async function ownLogin(db: Database): Promise<string> {
  const { rows } = await sql<{ login: string }>`select session_user as login`.execute(db);
  return rows[0]!.login;
}
