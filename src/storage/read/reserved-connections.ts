import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Whether this login still gets a connection when all the others are taken. */
export interface ReservedConnections {
  readonly login: string;
  readonly reserved: boolean;
  readonly maxConnections: number;
}

/** A superuser has `superuser_reserved_connections`; a member of pg_use_reserved_connections has `reserved_connections`. */
export async function reservedConnections(db: Database): Promise<ReservedConnections> {
  const { rows } = await sql<ReservedConnections>`
    select session_user as login, current_setting('max_connections')::int as "maxConnections",
      case when (select rolsuper from pg_roles where rolname = session_user)
        then current_setting('superuser_reserved_connections')::int > 0
        else coalesce(current_setting('reserved_connections', true)::int, 0) > 0
          and coalesce(pg_has_role(session_user, to_regrole('pg_use_reserved_connections')::oid, 'usage'), false)
      end as reserved`.execute(db);
  return rows[0]!;
}
