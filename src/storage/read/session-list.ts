import { sql } from "kysely";
import type { PrincipalKind } from "../../domain/access/principal.ts";
import type { Role } from "../../domain/access/roles.ts";
import type { Grants } from "../../domain/shapes/keys.ts";
import type { ListedSession, SessionOrigin } from "../../domain/shapes/sessions.ts";
import type { Database, Transaction } from "../database.ts";

interface Row {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly name: string;
  readonly about: Readonly<Record<string, unknown>>;
  readonly key_id: string | null;
  readonly role: Role;
  readonly grants: Grants;
  readonly opened_at: Date;
  readonly used_at: Date;
  readonly expires_at: Date;
}

/** Every session that is still good, the newest first. */
export async function listSessions(db: Database): Promise<ListedSession[]> {
  return (await sql<Row>`select * from sluice.good_sessions()`.execute(db)).rows
    .map(listed)
    .sort(newestFirst);
}

/** The same of those that the admin whom the transaction acts for may know of. */
export async function listSessionsByAdmin(transaction: Transaction): Promise<ListedSession[]> {
  const { rows } = await sql<Row>`select * from sluice.list_sessions()`.execute(transaction);
  return rows.map(listed).sort(newestFirst);
}

function listed({ about, key_id: keyId, opened_at, used_at, expires_at, ...row }: Row): ListedSession {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    origin: originOf(about),
    keyId,
    role: row.role,
    grants: row.grants,
    openedAt: opened_at.toISOString(),
    lastUsedAt: used_at.toISOString(),
    expiresAt: expires_at.toISOString(),
  };
}

function originOf(about: Readonly<Record<string, unknown>>): SessionOrigin {
  const said = (["subject", "email", "rule", "run"] as const).flatMap((what) => {
    const value = about[what];
    return typeof value === "string" ? [[what, value] as const] : [];
  });
  return Object.fromEntries(said);
}

function newestFirst(one: ListedSession, other: ListedSession): number {
  if (one.openedAt !== other.openedAt) return one.openedAt < other.openedAt ? 1 : -1;
  return one.id < other.id ? -1 : 1;
}
