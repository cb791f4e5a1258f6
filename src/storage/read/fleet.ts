import { sql, type RawBuilder } from "kysely";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import type { FleetInstance } from "../../domain/shapes/fleet.ts";

/** How far a revision has got. */
export interface Confirmations {
  readonly confirmed: number;
  readonly live: number;
}

/** A resolver reports every few seconds; one that has not been heard of for so long is gone. In ms. */
export const LIVE_MS = 30_000;

/** The live resolvers that have a scope's own pointer in memory, with the rows `s` (serves) and `i` (instance). */
function serving(scope: ScopeColumns): RawBuilder<unknown> {
  return sql`sluice.instance_serves s join sluice.instances i on i.id = s.instance_id
    where s.label = ${scope.label} and s.prompt = ${scope.prompt} and s.model = ${scope.model}
      and s.tenant = ${scope.tenant} and i.seen_at > clock_timestamp() - ${LIVE_MS} * interval '1 millisecond'`;
}

/** Cheap enough to be asked again every few milliseconds. */
export async function countConfirmations(
  db: Database,
  scope: ScopeColumns,
  revision: number,
): Promise<Confirmations> {
  const { rows } = await sql<Confirmations>`
    select count(*) filter (where s.revision >= ${revision}) as confirmed, count(*) as live
    from ${serving(scope)}`.execute(db);
  return rows[0]!;
}

/** Who has a scope's pointer in memory, those that are behind first. */
export async function listFleet(db: Database, scope: ScopeColumns): Promise<FleetInstance[]> {
  const { rows } = await sql<Omit<FleetInstance, "startedAt"> & { readonly startedAt: Date }>`
    select i.id, i.host, i.pid, i.sdk_version as "sdkVersion", s.revision, i.started_at as "startedAt",
      round(greatest(0, extract(epoch from clock_timestamp() - i.seen_at)) * 1000)::float8 as "seenMsAgo",
      (select round(greatest(0, extract(epoch from clock_timestamp() - coalesce(
          -- The audit log knows when each revision came to be.
          (select min(a.at) from sluice.audit a
           where a.prompt = p.prompt and a.label = p.label and coalesce(a.model, '') = p.model
             and coalesce(a.tenant, '') = p.tenant and a.revision > s.revision),
          p.updated_at))) * 1000)::float8
       from sluice.pointers p
       where (p.label, p.prompt, p.model, p.tenant) = (s.label, s.prompt, s.model, s.tenant)
         and p.revision > s.revision) as "behindMs"
    from ${serving(scope)}
    order by s.revision, i.host, i.pid, i.started_at`.execute(db);
  return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString() }));
}
