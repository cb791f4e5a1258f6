import { sql } from "kysely";
import type { UsageBy, UsagePoint } from "../../domain/shapes/usage.ts";
import type { Database } from "../database.ts";
import { matchingUsage, quantile, type UsageQuery } from "./usage.ts";

/** A chart has no use for more, and a metric made of a value (a user, a time) is one a value. */
const MOST_METRICS = 20;

interface MomentsRow {
  readonly number: number;
  readonly from: Date;
  readonly metric: string;
  /** Sums of bigints come as text. */
  readonly n: string;
  readonly mean: number;
  readonly buckets: Readonly<Record<string, number>> | null;
}

/** What each version did in each hour or day (of UTC), the oldest first; where nothing was recorded there is no point. */
export async function readUsageSeries(db: Database, query: UsageQuery, by: UsageBy): Promise<UsagePoint[]> {
  const matching = matchingUsage(query);
  const { rows } = await sql<MomentsRow>`
    with named as (
      select u.metric from sluice.usage u join sluice.versions v on v.id = u.version_id
      where ${matching} and u.metric <> '' group by u.metric order by sum(u.n) desc, u.metric limit ${MOST_METRICS}
    ), moments as (
      select v.id, v.number, date_trunc(${by}, u.hour, 'UTC') as "from", u.metric, sum(u.n) as n,
        coalesce(sum(u.n * u.mean) / nullif(sum(u.n), 0), 0) as mean
      from sluice.usage u join sluice.versions v on v.id = u.version_id
      where ${matching} and (u.metric = '' or u.metric in (select metric from named))
      group by v.id, v.number, 3, u.metric
    ), buckets as (
      select id, "from", metric, json_object_agg(bucket, n) as buckets from (
        select v.id, date_trunc(${by}, u.hour, 'UTC') as "from", u.metric, u.bucket, sum(u.n)::float8 as n
        from sluice.usage_histogram u join sluice.versions v on v.id = u.version_id
        where ${matching} and u.metric in (select metric from named)
        group by v.id, 2, u.metric, u.bucket
      ) counted group by id, "from", metric
    )
    select m.number, m."from", m.metric, m.n, m.mean, b.buckets
    from moments m left join buckets b using (id, "from", metric)
    order by m."from", m.number, m.metric`.execute(db);
  const points = new Map<
    string,
    { point: UsagePoint; metrics: Record<string, UsagePoint["metrics"][string]> }
  >();
  for (const row of rows) {
    const key = `${row.number} ${row.from.toISOString()}`;
    const known = points.get(key);
    const metrics = known?.metrics ?? {};
    if (!known)
      points.set(key, {
        point: { version: row.number, from: row.from.toISOString(), executions: 0, metrics },
        metrics,
      });
    if (row.metric === "") {
      const { point } = points.get(key)!;
      points.set(key, { point: { ...point, executions: Number(row.n) }, metrics });
      continue;
    }
    const histogram = new Map(Object.entries(row.buckets ?? {}).map(([bucket, n]) => [Number(bucket), n]));
    metrics[row.metric] = {
      n: Number(row.n),
      mean: row.mean,
      p50: quantile(histogram, 0.5),
      p95: quantile(histogram, 0.95),
    };
  }
  return [...points.values()].map(({ point }) => point);
}
