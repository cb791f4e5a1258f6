import { sql } from "kysely";
import type { SentBefore } from "../../domain/monitors/changed-values.ts";
import type { Database } from "../database.ts";

/** Days that what is sent is compared with. */
const DAYS = 14;

export interface SentValuesQuery {
  readonly prompt: string;
  readonly label: string;
  /** Of one tenant only what is sent for it alone; '': what is sent for any. */
  readonly tenant: string;
  readonly since: Date;
}

/** What each service has sent for a prompt from the day of `since` on, and in the 14 days before that. */
export async function sentValues(
  db: Database,
  { prompt, label, tenant, since }: SentValuesQuery,
): Promise<{ readonly before: SentBefore[]; readonly now: SentBefore[] }> {
  const { rows } = await sql<SentBefore & { readonly isNow: boolean }>`
    with days as (
      select c.*, c.day >= (${since}::timestamptz at time zone 'utc')::date as is_now
      from sluice.caller_values c
      where c.prompt = ${prompt} and c.label = ${label}
        and (${tenant} = '' or c.tenant = ${tenant})
        and c.day >= (${since}::timestamptz at time zone 'utc')::date - ${DAYS}::integer
    )
    select d.is_now as "isNow", d.service, d.kind, d.name, max(d.longest)::float8 as longest,
      array(select distinct t from days e, unnest(e.types) t
        where (e.is_now, e.service, e.kind, e.name) = (d.is_now, d.service, d.kind, d.name) order by t) as types
    from days d
    group by d.is_now, d.service, d.kind, d.name
    order by d.kind desc, d.name, d.service`.execute(db);
  const of = (wanted: boolean) =>
    rows.filter(({ isNow }) => isNow === wanted).map(({ isNow: _, ...value }) => value);
  return { before: of(false), now: of(true) };
}
