import { type Selectable, sql } from "kysely";
import type { ListedKey } from "../../domain/shapes/keys.ts";
import type { Database, Transaction } from "../database.ts";
import type { Tables } from "../tables.ts";

type Row = Omit<Selectable<Tables["keys"]>, "proof_sha256">;

const COLUMNS = [
  "id",
  "name",
  "role",
  "grants",
  "owner",
  "created_by",
  "created_at",
  "expires_at",
  "revoked_at",
  "replaced_by",
  "last_used_at",
] as const;

/** Every key, the newest first; without `all` those that are still good. Secrets are nowhere to be listed from. */
export async function listKeys(db: Database, { all = false } = {}): Promise<ListedKey[]> {
  return listed(await db.selectFrom("keys").select(COLUMNS).execute(), all);
}

/** The same of the keys that the admin whom the transaction acts for may know of. */
export async function listKeysByAdmin(transaction: Transaction, { all = false } = {}): Promise<ListedKey[]> {
  const { rows } = await sql<Row>`select * from sluice.list_keys()`.execute(transaction);
  return listed(rows, all);
}

function listed(rows: readonly Row[], all: boolean): ListedKey[] {
  const now = Date.now();
  const keys = rows
    .toSorted((a, b) => b.created_at.getTime() - a.created_at.getTime() || (a.id < b.id ? -1 : 1))
    .map((row): ListedKey => ({
      id: row.id,
      name: row.name,
      role: row.role,
      grants: row.grants,
      owner: row.owner,
      state: row.revoked_at
        ? "revoked"
        : row.expires_at && row.expires_at.getTime() <= now
          ? "expired"
          : "good",
      createdBy: row.created_by,
      createdAt: row.created_at.toISOString(),
      expiresAt: row.expires_at?.toISOString() ?? null,
      revokedAt: row.revoked_at?.toISOString() ?? null,
      replacedBy: row.replaced_by,
      lastUsedAt: row.last_used_at?.toISOString() ?? null,
    }));
  return all ? keys : keys.filter(({ state }) => state === "good");
}
