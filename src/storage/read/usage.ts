import { type RawBuilder, sql } from "kysely";
import type { ScopeColumns } from "../../domain/scope.ts";
import { bucketLimit, histogramQuantile, logBucket } from "../../statistics/log-histogram.ts";
import type { VersionStatus } from "../../domain/prompt/version-status.ts";
import type { Database } from "../database.ts";
import { listVersions } from "./version-list.ts";
import type { VersionUsage, MetricUsage } from "../../domain/shapes/usage.ts";

/** More than that nobody reads; a name made of a value (a user, a time) is one a value. */
const MAX_METRICS = 100;

export interface UsageQuery {
  /** Its label is matched; its model and tenant where they are named, otherwise all of them count. */
  readonly scope: ScopeColumns;
  /** Whole hours that begin at this time or later. */
  readonly since: Date;
  /** Only these; all of them when it is left out. */
  readonly versionIds?: readonly string[] | undefined;
}

/** Of the rows `u` of usage, and of the versions `v` that they are of. */
export function matchingUsage({ scope, since, versionIds }: UsageQuery): RawBuilder<boolean> {
  return sql<boolean>`v.prompt = ${scope.prompt} and u.label = ${scope.label} and u.hour >= ${since}
    ${scope.model === "" ? sql`` : sql`and u.model = ${scope.model}`}
    ${scope.tenant === "" ? sql`` : sql`and u.tenant = ${scope.tenant}`}
    ${versionIds === undefined ? sql`` : sql`and v.id = any (${versionIds}::uuid[])`}`;
}

/** The usage record of a prompt's versions, the newest version first; those without any are left out. */
export async function readUsage(db: Database, query: UsageQuery): Promise<VersionUsage[]> {
  const { scope } = query;
  const matching = matchingUsage(query);
  // Hours are merged around the mean over all of them, so nothing is lost in squares (Chan).
  const moments = await sql<MomentsRow>`
    select id, number, metric, sum(n) as n, min(middle) as mean, sum(m2 + n * (mean - middle) ^ 2) as m2,
           sum(refused) as refused, min(hour) as first_hour, max(hour) as last_hour
    from (
      select v.id, v.number, u.hour, u.metric, u.n, u.mean, u.m2, u.refused,
             coalesce(sum(u.n * u.mean) over metrics / nullif(sum(u.n) over metrics, 0), 0) as middle
      from sluice.usage u join sluice.versions v on v.id = u.version_id
      where ${matching}
      window metrics as (partition by v.id, u.metric)
    ) centred group by id, number, metric order by number desc, metric`.execute(db);
  const buckets = await sql<BucketRow>`
    select v.id, u.metric, u.bucket, sum(u.n) as n
    from sluice.usage_histogram u join sluice.versions v on v.id = u.version_id
    where ${matching} group by v.id, u.metric, u.bucket`.execute(db);
  const ids = [...new Set(moments.rows.map(({ id }) => id))];
  const versions = await listVersions(db, { prompt: scope.prompt, ids });
  const statuses = new Map(versions.map(({ versionId, status }) => [versionId, status]));
  return versionsOf(moments.rows, histograms(buckets.rows), statuses);
}

interface MomentsRow {
  readonly id: string;
  readonly number: number;
  readonly metric: string;
  /** Sums of bigints come as text. */
  readonly n: string;
  readonly mean: number;
  readonly m2: number;
  readonly refused: string;
  readonly first_hour: Date;
  readonly last_hour: Date;
}

interface BucketRow {
  readonly id: string;
  readonly metric: string;
  readonly bucket: number;
  readonly n: string;
}

function histograms(rows: readonly BucketRow[]): Map<string, Map<number, number>> {
  const found = new Map<string, Map<number, number>>();
  for (const { id, metric, bucket, n } of rows) {
    const key = `${id} ${metric}`;
    const histogram = found.get(key) ?? new Map<number, number>();
    found.set(key, histogram.set(bucket, Number(n)));
  }
  return found;
}

function versionsOf(
  rows: readonly MomentsRow[],
  histogramOf: ReadonlyMap<string, ReadonlyMap<number, number>>,
  statuses: ReadonlyMap<string, VersionStatus>,
): VersionUsage[] {
  const versions = new Map<string, MomentsRow[]>();
  for (const row of rows) {
    const metrics = versions.get(row.id);
    if (metrics) metrics.push(row);
    else versions.set(row.id, [row]);
  }
  return [...versions].map(([versionId, found]) => {
    const all = found.find(({ metric }) => metric === "")!;
    const named = found.filter(({ metric }) => metric !== "");
    const metrics = named.length <= MAX_METRICS ? named : carriedMost(named);
    return {
      version: all.number,
      versionId,
      status: statuses.get(versionId) ?? "draft",
      executions: Number(all.n),
      firstHour: all.first_hour.toISOString(),
      lastHour: all.last_hour.toISOString(),
      metrics: metrics.map((row) =>
        metricOf(row, histogramOf.get(`${versionId} ${row.metric}`) ?? new Map()),
      ),
      moreMetrics: named.length - metrics.length,
    };
  });
}

function carriedMost(rows: readonly MomentsRow[]): MomentsRow[] {
  return rows
    .toSorted((a, b) => Number(b.n) - Number(a.n))
    .slice(0, MAX_METRICS)
    .toSorted((a, b) => (a.metric < b.metric ? -1 : 1));
}

function metricOf(row: MomentsRow, histogram: ReadonlyMap<number, number>): MetricUsage {
  const n = Number(row.n);
  return {
    metric: row.metric,
    n,
    mean: row.mean,
    sum: n * row.mean,
    sd: n > 1 ? Math.sqrt(Math.max(0, row.m2) / (n - 1)) : null,
    p50: quantile(histogram, 0.5),
    p95: quantile(histogram, 0.95),
    distribution: distributionOf(histogram),
    refused: Number(row.refused),
  };
}

/** Ratings, and what else is one of a few whole numbers: those to 20 have a bucket each. */
const [FEW_VALUES, EXACT_TO] = [12, 20];

function distributionOf(histogram: ReadonlyMap<number, number>): MetricUsage["distribution"] {
  if (histogram.size === 0 || histogram.size > FEW_VALUES) return null;
  const values = [...histogram]
    .toSorted(([a], [b]) => a - b)
    .map(([bucket, n]) => ({ value: quantile(new Map([[bucket, n]]), 0.5) ?? 0, n }));
  return values.every(({ value }) => Number.isInteger(value) && value <= EXACT_TO) ? values : null;
}

/** The roundest number of the bucket that the quantile is in: a rating of 5 is 5, not the bucket's end. */
export function quantile(histogram: ReadonlyMap<number, number>, q: number): number | null {
  const limit = histogramQuantile(histogram, q);
  if (limit === null || limit === 0) return limit;
  const above = bucketLimit(logBucket(limit) - 1);
  for (let digits = 1; digits < 15; digits++) {
    const step = 10 ** (Math.floor(Math.log10(limit)) - digits + 1);
    for (const size of [5 * step, 2 * step, step]) {
      const round = Number((Math.floor(limit / size + 1e-9) * size).toPrecision(12));
      if (round > above * (1 + 1e-9)) return round;
    }
  }
  return limit;
}
