import { counted } from "../../domain/text/counted.ts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { ApprovalPolicy } from "../../domain/policy/policy.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { countedVoices, type Voice, voiceOf } from "../../domain/rollout/approval-voices.ts";
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
 * time. One rejection ends it. Who has proven who they are counts once by that name, else each login once; names that
 * operators give themselves count only where the policy says `asserted`, and nobody without a proof where it says
 * `proven`.
 */
export async function standingDecision(
  db: Database,
  rolloutId: string,
  point: "canary" | "promote",
  until?: Date,
): Promise<StandingDecision> {
  const rollout = await findRollout(db, rolloutId);
  const needed = rollout?.policy.approval?.approvers ?? 1;
  const countedBy = countedByOf(rollout?.policy.approval);
  let decisions = db
    .selectFrom("approvals")
    .select(["actor", "asserted_actor", "principal", "decision", "comment"])
    .where("rollout_id", "=", rolloutId)
    .where("point", "=", point);
  if (until !== undefined) decisions = decisions.where("decided_at", "<=", until);
  const rows = await decisions.orderBy("decided_at").execute();
  const who = ({ principal, asserted_actor: name, actor }: Approval) =>
    voiceOf({ principal, actor: countedBy === "asserted" ? name || actor : actor });
  const rejection = rows.find((row) => row.decision === "reject");
  const approving = rows.filter((row) => row.decision === "approve").map(who);
  const approvedBy = countedVoices(approving, {
    proven: countedBy === "proven",
    ...(rollout && (await excludedFrom(db, rollout, countedBy))),
  });
  const by = { approvedBy, countedBy } as const;
  if (rejection)
    return {
      decision: "rejected",
      reason: `rejected by ${who(rejection).name}${rejection.comment ? `: ${rejection.comment}` : ""}`,
      ...by,
    };
  if (approvedBy.length >= needed)
    return { decision: "approved", reason: `approved by ${approvedBy.join(", ")}`, ...by };
  return { decision: "waiting", reason: `${approvedBy.length} of ${counted(needed, "approval")}`, ...by };
}

function countedByOf(approval: ApprovalPolicy | undefined): CountedBy {
  if (approval?.proven) return "proven";
  return approval?.asserted ? "asserted" : "login";
}

/** Whose approval does not count: the version's author, and whoever only may ask for its release. */
async function excludedFrom(
  db: Database,
  rollout: RolloutRow,
  by: CountedBy,
): Promise<{ author?: Voice | undefined; starter?: Voice | undefined }> {
  const { distinct_author, distinct_starter } = rollout.policy.approval ?? {};
  return {
    author: distinct_author ? await authorOf(db, rollout.candidate_version, by) : undefined,
    starter: distinct_starter ? await starterOf(db, rollout.id) : undefined,
  };
}

/** Who wrote a version: whoever pushed it, by proof or login, or the name that was given then. */
async function authorOf(db: Database, versionId: string, by: CountedBy): Promise<Voice | undefined> {
  const pusher = await pusherOf(db, versionId);
  if (by !== "asserted" || (pusher && pusher.kind !== "login")) return pusher;
  const author = (await findVersionById(db, versionId))?.author;
  return author === undefined ? undefined : { kind: "login", name: author };
}

/** Who pushed a version, as the audit log has it. */
export async function pusherOf(db: Database, versionId: string): Promise<Voice | undefined> {
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
  return pushed && voiceOf(pushed);
}

/** Who started a rollout, by proof or login. */
export async function starterOf(db: Database, rolloutId: string): Promise<Voice | undefined> {
  const started = await db
    .selectFrom("audit")
    .select(["actor", "principal"])
    .where("rollout_id", "=", rolloutId)
    .where("action", "=", "rollout_started")
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  return started && voiceOf(started);
}

/** The login of this connection, as approvals and the audit log see it. */
export async function ownLogin(db: Database): Promise<string> {
  const { rows } = await sql<{ login: string }>`select session_user as login`.execute(db);
  return rows[0]!.login;
}
