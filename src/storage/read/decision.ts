import { counted } from "../../domain/counted.ts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { Principal } from "../../domain/principal.ts";
import { findRollout, type RolloutRow } from "./rollout-row.ts";
import { findVersionById } from "./version.ts";
import type { CountedBy, StandingDecision } from "../../domain/shapes/rollouts.ts";

interface Approval {
  readonly actor: string;
  readonly asserted_actor: string;
  readonly principal: Principal | null;
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
    .select(["actor", "asserted_actor", "principal", "decision", "comment"])
    .where("rollout_id", "=", rolloutId)
    .where("point", "=", point);
  if (until !== undefined) decisions = decisions.where("decided_at", "<=", until);
  const rows = await decisions.orderBy("decided_at").execute();
  const excluded = rollout ? await excludedFrom(db, rollout, countedBy) : [];
  const who = ({ principal, asserted_actor: name, actor }: Approval) =>
    principal?.name ?? (countedBy === "asserted" ? name || actor : actor);
  const rejection = rows.find((row) => row.decision === "reject");
  const approving = rows.filter((row) => row.decision === "approve").map(who);
  const approvedBy = [...new Set(approving)].filter((one) => !excluded.includes(one));
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

/** Whose approval does not count: the version's author, and whoever only may ask for its release. */
async function excludedFrom(db: Database, rollout: RolloutRow, by: CountedBy): Promise<string[]> {
  const { distinct_author, distinct_starter } = rollout.policy.approval ?? {};
  const author = distinct_author ? await authorOf(db, rollout.candidate_version, by) : undefined;
  const starter = distinct_starter ? await starterOf(db, rollout.id) : undefined;
  return [author, starter].filter((one) => one !== undefined);
}

/** Who wrote a version: whoever pushed it, by proof or login, or the name that was given then. */
async function authorOf(db: Database, versionId: string, by: CountedBy): Promise<string | undefined> {
  const pusher = await pusherOf(db, versionId);
  if (by === "login" || pusher?.isProven) return pusher?.name;
  return (await findVersionById(db, versionId))?.author;
}

interface Actor {
  readonly name: string;
  /** They had shown a key; otherwise it is a login. */
  readonly isProven: boolean;
}

/** Who pushed a version, as the audit log has it. */
export async function pusherOf(db: Database, versionId: string): Promise<Actor | undefined> {
  const pushed = await db
    .selectFrom("audit")
    .innerJoin("versions", "versions.prompt", "audit.prompt")
    .select(["audit.actor", "audit.principal"])
    .where("versions.id", "=", versionId)
    .where("audit.action", "=", "version_pushed")
    .where("audit.to_version", "=", versionId)
    .orderBy("audit.seq")
    .limit(1)
    .executeTakeFirst();
  return pushed && actorOf(pushed);
}

/** Who started a rollout, by proof or login. */
export async function starterOf(db: Database, rolloutId: string): Promise<string | undefined> {
  const started = await db
    .selectFrom("audit")
    .select(["actor", "principal"])
    .where("rollout_id", "=", rolloutId)
    .where("action", "=", "rollout_started")
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  return started && actorOf(started).name;
}

function actorOf({ actor, principal }: Pick<Approval, "actor" | "principal">): Actor {
  return { name: principal?.name ?? actor, isProven: principal !== null };
}

/** The login of this connection, as approvals and the audit log see it. */
export async function ownLogin(db: Database): Promise<string> {
  const { rows } = await sql<{ login: string }>`select session_user as login`.execute(db);
  return rows[0]!.login;
}
