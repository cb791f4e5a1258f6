import { sql } from "kysely";
import type { Answering, Counted } from "../../domain/monitors/answering.ts";
import type { Database } from "../database.ts";

/** A monitor that asks tests again, with what has answered most calls of what is live there since a moment. */
export interface AnsweredCalls extends Counted {
  readonly id: string;
  readonly prompt: string;
  readonly label: string;
  /** As `support-reply@7`. */
  readonly version: string;
  readonly known: Answering | null;
}

export async function answeredSince(db: Database, since: Date): Promise<AnsweredCalls[]> {
  const { rows } = await sql<AnsweredCalls>`
    select m.id, m.prompt, m.label, v.prompt || '@' || v.number as version, m.answering as known, v.model as target,
      t.name, t.n::integer as n, t.total::integer as total
    from sluice.monitors m
    join sluice.pointers p on p.prompt = m.prompt and p.label = m.label and p.model = m.model and p.tenant = m.tenant
    join sluice.versions v on v.id = p.active_version
    cross join lateral (select a.name, sum(a.n) as n, sum(sum(a.n)) over () as total from sluice.answering a
      where a.version_id = v.id and a.hour >= ${since} and a.label = m.label and (m.model = '' or a.model = m.model)
        and (m.tenant = '' or a.tenant = m.tenant)
      group by a.name order by 2 desc, 1 limit 1) t
    where m.name = 'regate' and m.spec ->> 'kind' = 'regate'`.execute(db);
  return rows;
}
