import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { HashedAuditLine } from "../../domain/shapes/audit.ts";
import type { Database } from "../database.ts";
import { auditEntries, entrySeenBy, HASHED, hashedLineOf } from "./audit.ts";

export interface ChainsRequest {
  readonly prompt?: string | undefined;
  /** Only what comes after this entry. */
  readonly after?: { readonly prompt: string; readonly seq: number } | undefined;
  readonly limit: number;
  readonly seen?: Grants | undefined;
}

/** Entries chain by chain, each from its first on, so that a reader can follow the hashes; with what those are of. */
export async function readAuditChains(
  db: Database,
  { prompt, after, limit, seen = {} }: ChainsRequest,
): Promise<HashedAuditLine[]> {
  let query = auditEntries(db)
    .select(HASHED)
    .where(entrySeenBy(seen))
    .orderBy("audit.prompt")
    .orderBy("audit.seq")
    .limit(limit);
  if (prompt !== undefined) query = query.where("audit.prompt", "=", prompt);
  if (after) query = query.where(sql<boolean>`(audit.prompt, audit.seq) > (${after.prompt}, ${after.seq})`);
  return (await query.execute()).map(hashedLineOf);
}
