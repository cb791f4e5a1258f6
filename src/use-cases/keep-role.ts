import type { KeyProof } from "../access/key-text.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { claimRoleReading as claim, keepRole as keep, type Person } from "../storage/write/sessions.ts";

/**
 * The issuer's sealed tokens of a person's session, where its role was read a quarter of an hour ago and nobody else is
 * asking the issuer; otherwise undefined. Then `keepRole`, or the session's end, is up to the caller.
 */
export async function claimRoleReading(db: Database, shown: KeyProof): Promise<Buffer | undefined> {
  return transact(db, (transaction) => claim(transaction, shown));
}

/** What the person may do by what the issuer says now. */
export async function keepRole(
  db: Database,
  shown: KeyProof,
  person: Person,
  sealedTokens: Buffer,
): Promise<void> {
  await transact(db, (transaction) => keep(transaction, shown, person, sealedTokens));
}
