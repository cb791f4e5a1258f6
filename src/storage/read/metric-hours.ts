import { sql } from "kysely";
import type { HourOfMetric } from "../../statistics/monitoring/reference.ts";
import type { Database } from "../database.ts";

/** Which calls: of a version under a label, and where they are named of a model and a tenant alone. */
export interface CallsOf {
  readonly versionId: string;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
  readonly metric: string;
}

export interface HoursQuery extends CallsOf {
  /** Whole hours that begin at this time or later, in ms since 1970. */
  readonly from: number;
  /** And before this one. */
  readonly until: number;
}

interface Row {
  readonly at: number;
  readonly hour: Date;
  readonly buckets: Readonly<Record<string, number>>;
}

/** What each hour carried of a metric, for each query in its order; hours without a value are left out. */
export async function metricHours(db: Database, queries: readonly HoursQuery[]): Promise<HourOfMetric[][]> {
  const found: HourOfMetric[][] = queries.map(() => []);
  if (queries.length === 0) return found;
  const texts = (of: (query: HoursQuery) => string) => sql`${queries.map((query) => of(query))}::text[]`;
  const times = (of: (query: HoursQuery) => number) =>
    sql`${queries.map((query) => new Date(of(query)).toISOString())}::timestamptz[]`;
  const { rows } = await sql<Row>`
    select at::integer as at, hour, jsonb_object_agg(bucket, n) as buckets from (
      select w.at, u.hour, u.bucket, sum(u.n)::float8 as n
      from unnest(${texts((one) => one.versionId)}::uuid[], ${texts((one) => one.label)}, ${texts((one) => one.model)},
          ${texts((one) => one.tenant)}, ${texts((one) => one.metric)}, ${times((one) => one.from)},
          ${times((one) => one.until)})
        with ordinality w (version_id, label, model, tenant, metric, since, until, at)
      join sluice.usage_histogram u on u.version_id = w.version_id and u.hour >= w.since and u.hour < w.until
        and u.metric = w.metric and u.label = w.label
        and (w.model = '' or u.model = w.model) and (w.tenant = '' or u.tenant = w.tenant)
      group by 1, 2, 3
    ) counted group by 1, 2 order by 1, 2`.execute(db);
  for (const { at, hour, buckets } of rows)
    found[at - 1]!.push({
      hour: hour.getTime(),
      values: new Map(Object.entries(buckets).map(([bucket, n]) => [Number(bucket), n])),
    });
  return found;
}
