import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { Role } from "../../domain/access/roles.ts";
import type { Transaction } from "../database.ts";

export interface KeyRow {
  readonly id: string;
  readonly proofSha256: Buffer;
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  readonly owner: string;
  /** In ms from now; undefined: it does not expire. */
  readonly expiresInMs: number | undefined;
}

export async function insertKey(transaction: Transaction, key: KeyRow): Promise<void> {
  await transaction
    .insertInto("keys")
    .values({
      id: key.id,
      proof_sha256: key.proofSha256,
      name: key.name,
      role: key.role,
      grants: JSON.stringify(key.grants),
      owner: key.owner,
      replaced_by: null,
    })
    // Tried again after a lost acknowledgement.
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  if (key.expiresInMs !== undefined) await expireKey(transaction, key.id, key.expiresInMs);
}

/** From so many ms on the key is no good, or from earlier if that was so before. */
export async function expireKey(transaction: Transaction, id: string, inMs: number): Promise<void> {
  const at = sql<Date>`least(expires_at, clock_timestamp() + ${inMs} * interval '1 millisecond')`;
  await transaction.updateTable("keys").set({ expires_at: at }).where("id", "=", id).execute();
}

export async function replaceKey(transaction: Transaction, id: string, by: string): Promise<void> {
  await transaction.updateTable("keys").set({ replaced_by: by }).where("id", "=", id).execute();
}

/** False when it had been revoked before. */
export async function revokeKey(transaction: Transaction, id: string): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable("keys")
    .set({ revoked_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A key made by the admin whom the transaction acts for; the database refuses one that can do more than theirs. */
export async function createKeyByAdmin(
  transaction: Transaction,
  { proofSha256, expiresInMs, ...key }: KeyRow,
): Promise<void> {
  const row = JSON.stringify({ ...key, expiresInMs: expiresInMs ?? null });
  await sql`select sluice.create_key(${row}::jsonb, ${proofSha256})`.execute(transaction);
}

/** Ends a key at once, or after the overlap where another one takes its place; false when it had been revoked before. */
export async function endKeyByAdmin(
  transaction: Transaction,
  id: string,
  by?: { readonly successor: string; readonly overlapMs: number },
): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`
    select sluice.end_key(${id}, ${by?.successor ?? null}, ${by?.overlapMs ?? null}) as ended`.execute(
    transaction,
  );
  return rows[0]!.ended;
}
