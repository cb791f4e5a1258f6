import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What a Postgres is, whatever is in it. */
export interface ServerFacts {
  /** As `18.4`. */
  readonly version: string;
  /** As `180004`. */
  readonly versionNumber: number;
  readonly now: Date;
  readonly login: string;
  /** It takes no writes. */
  readonly isReplica: boolean;
}

export async function serverFacts(db: Database): Promise<ServerFacts> {
  const { rows } = await sql<ServerFacts>`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::int as "versionNumber", clock_timestamp() as now,
      session_user as login, pg_is_in_recovery() as "isReplica"`.execute(db);
  return rows[0]!;
}

/** What an installation of this release has in it. */
export interface InstallationFacts {
  /** Roles that `migrate --roles` made. */
  readonly roles: readonly string[];
  readonly openDeadLetters: number;
  /** Models of versions that are served or tried, `openai/gpt-5.4-mini`. */
  readonly models: readonly string[];
}

export async function installationFacts(db: Database): Promise<InstallationFacts> {
  const { rows } = await sql<InstallationFacts>`
    select array(select name from sluice.roles order by name) as roles,
      (select count(*)::int from sluice.dead_letters where status = 'open') as "openDeadLetters",
      array(select distinct v.model from sluice.pointers p
        join sluice.versions v on v.id in (p.active_version, p.candidate_version) order by 1) as models`.execute(
    db,
  );
  return rows[0]!;
}
