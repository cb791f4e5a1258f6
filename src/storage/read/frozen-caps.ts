import { sql } from "kysely";
import { recordedMetrics, type RolloutPolicy } from "../../domain/policy/policy.ts";
import { winsorCap, type LogHistogram } from "../../statistics/log-histogram.ts";
import type { Database } from "../database.ts";

const HISTORY = "30 days";

export interface FrozenCaps {
  /** The policy with a cap for each metric that has one, frozen for the whole rollout. */
  readonly policy: RolloutPolicy;
  /** One sentence a metric that could have one: its cap, or why it has none. */
  readonly notes: readonly string[];
}

/**
 * Winsorising caps of a rollout, from what the baseline has done in the last 30 days (statistics.md,
 * "Outliers"). A cap of the policy's own stands; proportions and rare events need none.
 */
export async function frozenCaps(
  db: Database,
  policy: RolloutPolicy,
  baselineVersion: string | null,
): Promise<FrozenCaps> {
  const metrics = { ...policy.metrics };
  const notes: string[] = [];
  for (const name of policy.canary ? recordedMetrics(policy.canary) : []) {
    const spec = metrics[name];
    if (!spec || spec.cap !== undefined || (spec.kind !== "mean" && spec.kind !== "ratio")) continue;
    const { cap, note } = winsorCap(name, await metricHistory(db, baselineVersion, name));
    notes.push(note);
    if (cap !== null) metrics[name] = { ...spec, cap };
  }
  return { policy: { ...policy, metrics }, notes };
}

async function metricHistory(db: Database, version: string | null, metric: string): Promise<LogHistogram> {
  if (version === null) return new Map();
  const rows = await db
    .selectFrom("usage_histogram")
    .select((select) => ["bucket", select.fn.sum<string>("n").as("n")])
    .where("version_id", "=", version)
    .where("metric", "=", metric)
    .where("hour", ">", sql<Date>`now() - ${HISTORY}::interval`)
    .groupBy("bucket")
    .execute();
  return new Map(rows.map(({ bucket, n }) => [bucket, Number(n)]));
}
