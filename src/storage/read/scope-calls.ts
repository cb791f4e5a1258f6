import { sql } from "kysely";
import type { CallsByHour } from "../../statistics/monitoring/silence.ts";
import type { Database } from "../database.ts";
import type { SpendingPlace } from "./daily-cost.ts";

/** Calls of a place hour by hour, and those of everybody else under its label. */
export interface ScopeCalls {
  readonly scope: CallsByHour;
  readonly rest: CallsByHour;
}

interface Row {
  readonly hour: Date;
  readonly own: number;
  readonly others: number;
}

/** By the outcomes that were recorded in the hours from `since` to `until`. */
export async function scopeCalls(
  db: Database,
  { prompt, label, model, tenant }: SpendingPlace,
  { since, until }: { readonly since: Date; readonly until: Date },
): Promise<ScopeCalls> {
  const { rows } = await sql<Row>`
    select hour, coalesce(sum(n) filter (where own), 0)::float8 as own, coalesce(sum(n) filter (where not own), 0)::float8 as others
    from (
      select u.hour, u.n, v.prompt = ${prompt} and ${model} in ('', u.model) and ${tenant} in ('', u.tenant) as own
      from sluice.usage u join sluice.versions v on v.id = u.version_id
      where u.metric = '' and u.label = ${label} and u.hour >= ${since} and u.hour < ${until}
    ) counted group by hour`.execute(db);
  const by = (count: (row: Row) => number) =>
    new Map(rows.filter((row) => count(row) > 0).map((row) => [row.hour.getTime(), count(row)]));
  return { scope: by(({ own }) => own), rest: by(({ others }) => others) };
}
