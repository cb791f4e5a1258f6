import { recordedMetrics, type RolloutPolicy } from "../domain/policy/policy.ts";
import type { BaselineHistory } from "../domain/shapes/planning.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { MetricHistory } from "../statistics/planning/planned-runs.ts";
import type { Database } from "../storage/database.ts";
import { readUsage } from "../storage/read/usage.ts";
import type { VersionUsage } from "../domain/shapes/usage.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/**
 * What is known before a rollout starts: the usage record of the version that serves the scope, over the
 * last 7 days. It counts outcomes, not units; one outcome is taken for one unit. Where users come back, it
 * takes longer than planned (they are new only once), and a unit's mean varies less than one outcome.
 */
export async function readBaselineHistory(
  db: Database,
  scope: ScopeColumns,
  baselineVersion: string | null,
  policy: RolloutPolicy,
): Promise<BaselineHistory> {
  const now = Date.now();
  const versions = await readUsage(db, { scope, since: new Date(now - WEEK_MS) });
  const baseline = versions.find(({ versionId }) => versionId === baselineVersion);
  return {
    outcomes: baseline?.executions ?? 0,
    outcomesPerDay: perDay(versions, now),
    metrics: baseline ? metricsOf(baseline, policy) : {},
  };
}

function perDay(versions: readonly VersionUsage[], now: number): number | null {
  if (versions.length === 0) return null;
  const outcomes = versions.reduce((sum, { executions }) => sum + executions, 0);
  const first = Math.min(...versions.map(({ firstHour }) => Date.parse(firstHour)));
  return outcomes / (Math.max(HOUR_MS, Math.min(WEEK_MS, now - first)) / DAY_MS);
}

function metricsOf(baseline: VersionUsage, policy: RolloutPolicy): Record<string, MetricHistory> {
  const metrics: Record<string, MetricHistory> = {};
  for (const name of policy.canary ? recordedMetrics(policy.canary) : []) {
    const used = baseline.metrics.find(({ metric }) => metric === name);
    const rare = policy.metrics[name]?.kind === "rare";
    // Services may record a rare event only when there is one: every outcome had the chance to be one.
    if (rare && baseline.executions > 0) {
      const mean = used ? (used.mean * used.n) / baseline.executions : 0;
      metrics[name] = { n: baseline.executions, mean, sd: Math.sqrt(mean * (1 - Math.min(1, mean))) };
    } else if (used && used.n > 1 && used.sd !== null)
      metrics[name] = {
        n: used.n,
        mean: used.mean,
        sd: used.sd,
        coverage: Math.min(1, used.n / Math.max(1, baseline.executions)),
      };
  }
  return metrics;
}
