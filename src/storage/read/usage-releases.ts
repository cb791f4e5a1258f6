import { sql } from "kysely";
import type { UsageRelease } from "../../domain/shapes/usage.ts";
import type { Database } from "../database.ts";
import type { UsageQuery } from "./usage.ts";

/** More lines than that in a picture say nothing. */
const MOST_RELEASES = 50;

interface Row {
  readonly at: Date;
  readonly number: number;
  readonly action: string;
}

/** When what a scope serves became another version, the oldest first: by the audit log, the newest ones of many. */
export async function readReleases(
  db: Database,
  { scope, since }: Pick<UsageQuery, "scope" | "since">,
): Promise<UsageRelease[]> {
  const { rows } = await sql<Row>`
    select a.at, v.number, a.action from sluice.audit a join sluice.versions v on v.id = a.to_version
    where a.prompt = ${scope.prompt} and a.revision is not null and a.at >= ${since} and a.label = ${scope.label}
      and a.action not in ('rollout_started', 'stage_opened') and a.to_version is distinct from a.from_version
      and a.tenant = ${scope.tenant} and a.model = ${scope.model}
      and coalesce(a.details ->> 'anyPrompt', '') <> 'true' and v.prompt = ${scope.prompt}
    order by a.revision desc limit ${MOST_RELEASES}`.execute(db);
  return rows.toReversed().map(({ at, number, action }) => ({
    at: at.toISOString(),
    version: number,
    kind: action === "promoted" ? "released" : action === "rolled_back" ? "rolled_back" : "moved",
  }));
}
