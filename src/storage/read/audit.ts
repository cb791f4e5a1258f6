import { sql } from "kysely";
import type { Database } from "../database.ts";

export interface AuditLine {
  readonly prompt: string;
  readonly seq: number;
  readonly at: string;
  /** The login that the database saw, and who said they were behind it. */
  readonly actor: string;
  readonly asserted: string | null;
  readonly action: string;
  readonly label: string | null;
  readonly model: string | null;
  readonly tenant: string | null;
  readonly rolloutId: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly revision: number | null;
  readonly reason: string | null;
  readonly details: Record<string, unknown>;
  readonly hash: string;
}

export interface AuditFilter {
  readonly prompt?: string | undefined;
  readonly rolloutId?: string | undefined;
  /** Newest entries kept. Default 100. */
  readonly limit?: number | undefined;
}

/** Who changed what, when and why: oldest first of the newest `limit`. */
export async function readAudit(db: Database, filter: AuditFilter = {}): Promise<AuditLine[]> {
  let query = db
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
  if (filter.prompt !== undefined) query = query.where("audit.prompt", "=", filter.prompt);
  if (filter.rolloutId !== undefined) query = query.where("audit.rollout_id", "=", filter.rolloutId);
  const rows = await query
    .orderBy("audit.at", "desc")
    .orderBy("audit.seq", "desc")
    .limit(filter.limit ?? 100)
    .execute();
  const name = (prompt: string | null, number: number | null) =>
    prompt === null ? null : `${prompt}@${number}`;
  return rows.toReversed().map((row) => ({
    prompt: row.prompt,
    seq: row.seq,
    at: row.at.toISOString(),
    actor: row.actor,
    asserted: row.asserted_actor,
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
  }));
}

export interface AuditVerification {
  readonly ok: boolean;
  readonly entries: number;
  readonly prompts: number;
  /** The first broken entry of each broken chain. */
  readonly broken: readonly { readonly prompt: string; readonly seq: number; readonly problem: string }[];
}

/** Computes every chain again, in the database that wrote it: a changed, missing or added entry shows. */
export async function verifyAudit(db: Database): Promise<AuditVerification> {
  const { rows } = await sql<{ prompt: string; seq: number; problem: string }>`
    with chained as (
      select a.*, sluice.audit_hash(a) as computed,
             lag(a.hash, 1, repeat('0', 64)) over chain as expected_previous,
             row_number() over chain as expected_seq
      from sluice.audit a
      window chain as (partition by a.prompt order by a.seq)
    ), problems as (
      select prompt, seq, case
        when seq <> expected_seq then 'an entry before it is missing'
        when previous_hash <> expected_previous then 'it does not follow the entry before it'
        when hash <> computed then 'it was changed after it was written' end as problem
      from chained
      union all
      select h.prompt, h.seq, 'the newest entries are missing'
      from sluice.audit_heads h
      where h.seq <> (select coalesce(max(a.seq), 0) from sluice.audit a where a.prompt = h.prompt)
         or h.hash is distinct from (select a.hash from sluice.audit a where a.prompt = h.prompt and a.seq = h.seq)
    )
    select distinct on (prompt) prompt, seq, problem from problems where problem is not null
    order by prompt, seq`.execute(db);
  const totals = await db
    .selectFrom("audit")
    .select((select) => [
      select.fn.countAll<number>().as("entries"),
      select.fn.count<number>("prompt").distinct().as("prompts"),
    ])
    .executeTakeFirstOrThrow();
  return { ok: rows.length === 0, entries: totals.entries, prompts: totals.prompts, broken: rows };
}
