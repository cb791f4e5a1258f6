import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { PrincipalKind } from "../../domain/access/principal.ts";
import type { Role } from "../../domain/access/roles.ts";
import type { Database } from "../database.ts";

/** A key, or a session, whose proof was shown and found good. */
export interface CheckedKey {
  readonly id: string;
  /** What was proven when it was made or opened. */
  readonly kind: PrincipalKind;
  /** The same for all that one key, person or CI job shows. */
  readonly account: string;
  /** Whether it is a session, or the token of a CI job, which is one too. */
  readonly session: boolean;
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  /** The key's owner, or the name of the person or CI job. */
  readonly owner: string;
  /** Of a person's session: how long ago the issuer has said what gives the role, in ms. */
  readonly rolesAgeMs?: number | null;
  /** In ms, from when the database answered; null: it does not expire. */
  readonly expiresInMs: number | null;
}

/** What a key of this id may do that may be known to browsers, or undefined where there is none that is good. */
export async function browserKey(db: Database, id: string): Promise<CheckedKey | undefined> {
  const { rows } = await sql<{ key: CheckedKey | null }>`select sluice.browser_key(${id}) as key`.execute(db);
  return rows[0]?.key ?? undefined;
}

/** What the key may do, or undefined where there is none of this id, with this secret, that is still good. */
export async function checkKey(
  db: Database,
  { id, proof }: { readonly id: string; readonly proof: Buffer },
): Promise<CheckedKey | undefined> {
  const { rows } = await sql<{
    key: CheckedKey | null;
  }>`select sluice.check_key(${id}, ${proof}) as key`.execute(db);
  return rows[0]?.key ?? undefined;
}
