import { type RawBuilder, sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { Database } from "../database.ts";
import { promptSeenBy, seenBy } from "./seen-by.ts";
import type { AuditLine, HashedAuditLine } from "../../domain/shapes/audit.ts";

export interface AuditFilter {
  readonly prompt?: string | undefined;
  readonly rolloutId?: string | undefined;
  readonly label?: string | undefined;
  /** Whoever did it: by proof, by their own word, or the login. */
  readonly actor?: string | undefined;
  /** `promoted`, `pointer_set` and so on. */
  readonly action?: string | undefined;
  /** Only entries of this moment or later, and only those from before. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Newest entries kept. Default 100. */
  readonly limit?: number | undefined;
  /** Only entries that are older than this one. */
  readonly before?: { readonly prompt: string; readonly seq: number } | undefined;
  /** Only what a key with these grants may know of. */
  readonly seen?: Grants | undefined;
}

/** Who changed what, when and why: oldest first of the newest `limit`. */
export async function readAudit(db: Database, filter: AuditFilter = {}): Promise<AuditLine[]> {
  const rows = await matching(db, filter).execute();
  return rows.toReversed().map((row) => lineOf(row));
}

/** The same, each with what its hash is of. */
export async function readHashedAudit(db: Database, filter: AuditFilter): Promise<HashedAuditLine[]> {
  const rows = await matching(db, filter).select(HASHED).execute();
  return rows.toReversed().map(hashedLineOf);
}

/** Whether a key with these grants may know of an entry: what is about no label is about the prompt as a whole. */
export function entrySeenBy(seen: Grants): RawBuilder<boolean> {
  return sql`(${promptSeenBy(seen, "audit.prompt")} and (audit.label is null or ${seenBy(seen, "audit")}))`;
}

/** What an entry's hash is of. */
export const HASHED = sql<string>`sluice.audit_content(audit)`.as("content");

export function hashedLineOf(row: Row & { readonly content: string }): HashedAuditLine {
  return { ...lineOf(row), previousHash: row.previous_hash, content: row.content };
}

export function auditEntries(db: Database) {
  return db
    .selectFrom("audit")
    .leftJoin("versions as source", "source.id", "audit.from_version")
    .leftJoin("versions as target", "target.id", "audit.to_version")
    .selectAll("audit")
    .select([
      "source.prompt as from_prompt",
      "source.number as from_number",
      "target.prompt as to_prompt",
      "target.number as to_number",
    ]);
}

function matching(db: Database, filter: AuditFilter) {
  const { actor, limit = 100 } = filter;
  const others = conditions(filter);
  // Each on its own, by an index of its own: whoever did little is found as soon as whoever did much.
  const byActor = WHO.map(
    (
      who,
    ) => sql`(select audit.prompt, audit.seq from sluice.audit where ${sql.join([sql`${who} = ${actor}`, ...others], AND)}
      order by audit.at desc, audit.prompt desc, audit.seq desc limit ${limit})`,
  );
  const all =
    actor === undefined
      ? others
      : [sql<boolean>`(audit.prompt, audit.seq) in (${sql.join(byActor, sql` union all `)})`];
  return auditEntries(db)
    .where(sql<boolean>`${sql.join([sql`true`, ...all], AND)}`)
    .orderBy("audit.at", "desc")
    .orderBy("audit.prompt", "desc")
    .orderBy("audit.seq", "desc")
    .limit(limit);
}

const AND = sql` and `;
/** By proof, by their own word, or the login. */
const WHO = [sql`(audit.principal ->> 'name')`, sql`audit.asserted_actor`, sql`audit.actor`];

/** All of a filter but by whom. */
function conditions(filter: AuditFilter): RawBuilder<boolean>[] {
  const { prompt, rolloutId, label, action, from, to, before, seen } = filter;
  const given = [
    prompt !== undefined && sql<boolean>`audit.prompt = ${prompt}`,
    rolloutId !== undefined && sql<boolean>`audit.rollout_id = ${rolloutId}`,
    label !== undefined && sql<boolean>`audit.label = ${label}`,
    action !== undefined && sql<boolean>`audit.action = ${action}`,
    from && sql<boolean>`audit.at >= ${from}`,
    to && sql<boolean>`audit.at < ${to}`,
    before &&
      sql<boolean>`(audit.at, audit.prompt, audit.seq) <
        (select at, prompt, seq from sluice.audit where prompt = ${before.prompt} and seq = ${before.seq})`,
    seen && entrySeenBy(seen),
  ];
  return given.filter((one) => typeof one === "object");
}

type Row = Awaited<ReturnType<ReturnType<typeof auditEntries>["execute"]>>[number];

function lineOf(row: Row): AuditLine {
  const name = (prompt: string | null, number: number | null) =>
    prompt === null ? null : `${prompt}@${number}`;
  return {
    prompt: row.prompt,
    seq: row.seq,
    at: row.at.toISOString(),
    actor: row.actor,
    asserted: row.asserted_actor,
    principal: row.principal,
    action: row.action,
    label: row.label,
    model: row.model || null,
    tenant: row.tenant || null,
    rolloutId: row.rollout_id,
    from: name(row.from_prompt, row.from_number),
    to: name(row.to_prompt, row.to_number),
    revision: row.revision,
    reason: row.reason,
    details: row.details,
    hash: row.hash,
  };
}
