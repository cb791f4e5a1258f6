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
  let query = auditEntries(db);
  if (filter.prompt !== undefined) query = query.where("audit.prompt", "=", filter.prompt);
  if (filter.rolloutId !== undefined) query = query.where("audit.rollout_id", "=", filter.rolloutId);
  const { label, actor, action, from, to } = filter;
  if (label !== undefined) query = query.where("audit.label", "=", label);
  if (action !== undefined) query = query.where("audit.action", "=", action);
  if (actor !== undefined)
    query = query.where(
      sql<boolean>`${actor} in (audit.principal ->> 'name', audit.asserted_actor, audit.actor)`,
    );
  if (from) query = query.where("audit.at", ">=", from);
  if (to) query = query.where("audit.at", "<", to);
  const { before, seen } = filter;
  if (before)
    query = query.where(
      sql<boolean>`(audit.at, audit.prompt, audit.seq) <
        (select at, prompt, seq from sluice.audit where prompt = ${before.prompt} and seq = ${before.seq})`,
    );
  if (seen) query = query.where(entrySeenBy(seen));
  return query
    .orderBy("audit.at", "desc")
    .orderBy("audit.prompt", "desc")
    .orderBy("audit.seq", "desc")
    .limit(filter.limit ?? 100);
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
