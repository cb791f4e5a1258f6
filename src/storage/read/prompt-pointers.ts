import { sql } from "kysely";
import type { Database } from "../database.ts";
import { LIVE_MS } from "./fleet.ts";
import { cameToServe } from "./live-prompts.ts";

/** What there is to be known of a pointer beside what it serves. */
export interface PointerNews {
  readonly label: string;
  readonly prompt: string;
  readonly model: string;
  readonly tenant: string;
  readonly since: Date | null;
  readonly by: string | null;
  readonly live: number;
  readonly confirmed: number;
  readonly protected: boolean;
}

/** Of each of a prompt's own pointers: since when it serves what it serves, by whom, and which services have it. */
export async function newsOfPointers(db: Database, prompt: string): Promise<PointerNews[]> {
  const { rows } = await sql<PointerNews>`
    select p.label, p.prompt, p.model, p.tenant, a.at as since, a.by, coalesce(f.live, 0)::integer as live,
      coalesce(f.confirmed, 0)::integer as confirmed, coalesce(l.protected, false) as protected
    from sluice.pointers p
    left join sluice.labels l on l.label = p.label
    left join lateral (${cameToServe("p")}) a on true
    left join lateral (
      select count(*) as live, count(*) filter (where s.revision >= p.revision) as confirmed
      from sluice.instance_serves s join sluice.instances i on i.id = s.instance_id
      where (s.label, s.prompt, s.model, s.tenant) = (p.label, p.prompt, p.model, p.tenant)
        and i.seen_at > clock_timestamp() - ${LIVE_MS} * interval '1 millisecond') f on true
    where p.prompt = ${prompt}`.execute(db);
  return rows;
}

/** A scope whose services serve something older than it says. */
export interface LaggingScope {
  readonly label: string;
  readonly prompt: string;
  readonly model: string;
  readonly tenant: string;
  readonly behind: number;
  readonly live: number;
  readonly since: Date;
}

/** Scopes that moved longer ago than a move takes, and that some live service has not taken over. */
export async function laggingScopes(db: Database, olderThanMs: number): Promise<LaggingScope[]> {
  const { rows } = await sql<LaggingScope>`
    select p.label, p.prompt, p.model, p.tenant, p.updated_at as since, count(*)::integer as live,
      (count(*) filter (where s.revision < p.revision))::integer as behind
    from sluice.instance_serves s
    join sluice.instances i on i.id = s.instance_id
    join sluice.pointers p on (s.label, s.prompt, s.model, s.tenant) = (p.label, p.prompt, p.model, p.tenant)
    where i.seen_at > clock_timestamp() - ${LIVE_MS} * interval '1 millisecond'
      and p.updated_at < clock_timestamp() - ${olderThanMs} * interval '1 millisecond'
    group by p.label, p.prompt, p.model, p.tenant, p.updated_at
    having count(*) filter (where s.revision < p.revision) > 0
    order by p.updated_at limit 20`.execute(db);
  return rows;
}
