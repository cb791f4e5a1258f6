import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { AuditHead } from "../../domain/shapes/audit-checkpoint.ts";
import type { BrokenChain } from "../../domain/shapes/verification.ts";
import type { Database } from "../database.ts";
import { promptSeenBy } from "./seen-by.ts";

export interface AuditHeads {
  /** By the database's clock. */
  readonly at: Date;
  readonly heads: readonly AuditHead[];
}

/** How far each prompt's chain has come; with grants: those that a key with them may know of. One statement, so of one moment. */
export async function readAuditHeads(db: Database, seen: Grants = {}): Promise<AuditHeads> {
  const { rows } = await sql<{ at: Date; heads: AuditHead[] }>`
    select now() as at, coalesce((
      select jsonb_agg(jsonb_build_object('prompt', prompt, 'seq', seq, 'hash', hash) order by prompt collate "C")
      from sluice.audit_heads where ${promptSeenBy(seen, "prompt")}
    ), '[]') as heads`.execute(db);
  return rows[0]!;
}

/** Chains that do not go through heads that were seen before, each with what is wrong. */
export async function chainsOffHeads(db: Database, heads: readonly AuditHead[]): Promise<BrokenChain[]> {
  const { rows } = await sql<BrokenChain>`
    select h.prompt, h.seq, case
        when a.hash is null then 'it was there at the checkpoint and is missing'
        else 'it is another entry than at the checkpoint' end as problem
    from jsonb_to_recordset(${JSON.stringify(heads)}::jsonb) as h(prompt text, seq bigint, hash text)
    left join sluice.audit a on a.prompt = h.prompt and a.seq = h.seq
    where h.seq > 0 and a.hash is distinct from h.hash
    order by h.prompt collate "C"`.execute(db);
  return rows;
}
