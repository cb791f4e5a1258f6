import type { Grants } from "../../domain/grants.ts";
import type { Role } from "../../domain/roles.ts";
import type { Database } from "../database.ts";

export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  readonly owner: string;
  readonly state: "good" | "expired" | "revoked";
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** The key that a rotation has put in its place. */
  readonly replacedBy: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
}

/** Every key, the newest first; without `all` those that are still good. Secrets are nowhere to be listed from. */
export async function listKeys(db: Database, { all = false } = {}): Promise<ListedKey[]> {
  const rows = await db
    .selectFrom("keys")
    .select(["id", "name", "role", "grants", "owner", "created_by", "created_at", "expires_at"])
    .select(["revoked_at", "replaced_by", "last_used_at"])
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
  const now = Date.now();
  const listed = rows.map((row): ListedKey => ({
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
  return all ? listed : listed.filter(({ state }) => state === "good");
}
