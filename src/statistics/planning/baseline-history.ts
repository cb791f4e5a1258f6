import { recordedMetrics, type RolloutPolicy } from "../../domain/policy/policy.ts";
import type { BaselineHistory } from "../../domain/shapes/planning.ts";
import type { VersionUsage } from "../../domain/shapes/usage.ts";
import type { MetricHistory } from "./planned-runs.ts";

/** What a scope's versions did in the last 7 days, whatever a rollout would look at. */
export interface KnownUsage {
  /** Of all the scope's versions, over the part of the last 7 days in which there were any; null: none. */
  readonly outcomesPerDay: number | null;
  /** Of the version that is served; null where it has no outcomes. */
  readonly baseline: Pick<VersionUsage, "executions" | "metrics"> | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

/**
 * What the usage record of the last 7 days says of a scope.
 *
 * @param baseline the number, or the id, of the version that is served; null: none
 * @param now in ms since 1970
 */
export function knownUsage(
  versions: readonly VersionUsage[],
  baseline: number | string | null,
  now: number,
): KnownUsage {
  return {
    outcomesPerDay: perDay(versions, now),
    baseline:
      versions.find(({ version, versionId }) => version === baseline || versionId === baseline) ?? null,
  };
}

function perDay(versions: readonly VersionUsage[], now: number): number | null {
  if (versions.length === 0) return null;
  const outcomes = versions.reduce((sum, { executions }) => sum + executions, 0);
  // A moment that was written down is read; nobody looks at a clock.
  // oxlint-disable-next-line no-restricted-globals
  const first = Math.min(...versions.map(({ firstHour }) => Date.parse(firstHour)));
  return outcomes / (Math.max(HOUR_MS, Math.min(WEEK_MS, now - first)) / DAY_MS);
}

/** What a policy can know of its baseline: of what was recorded, its metrics. */
export function historyOf({ outcomesPerDay, baseline }: KnownUsage, policy: RolloutPolicy): BaselineHistory {
  return {
    outcomes: baseline?.executions ?? 0,
    outcomesPerDay,
    metrics: baseline ? metricsOf(baseline, policy) : {},
  };
}

function metricsOf(
  baseline: NonNullable<KnownUsage["baseline"]>,
  policy: RolloutPolicy,
): Record<string, MetricHistory> {
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
