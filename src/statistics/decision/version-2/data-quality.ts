import { recordedMetrics, type CanaryPolicy, type MetricSpec } from "../../../domain/policy/policy.ts";
import type { EpochExposures } from "../../../domain/rollout/verdict.ts";
import { evenSplitLogE } from "../../inference/sample-ratio.ts";
import type { ByArm } from "../both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import { count, duration } from "../wording.ts";
import { judge, judgeSplit, type QualityCheck, recordsOnlyEvents } from "../both-versions/quality-check.ts";

/** Exposures against the 1:1 that matched arms must show, epoch by epoch. */
export function checkSplit(exposures: readonly EpochExposures[]): QualityCheck {
  let logE = 0;
  let candidate = 0;
  let control = 0;
  for (const epoch of exposures) {
    if (!(epoch.candidate >= 0 && epoch.control >= 0) || !Number.isFinite(epoch.candidate + epoch.control))
      continue;
    logE += evenSplitLogE(epoch.candidate, epoch.control);
    candidate += epoch.candidate;
    control += epoch.control;
  }
  return judgeSplit(logE, { candidate, control });
}

/**
 * Does the metric arrive for as many units in one arm as in the other? Values that go missing in one arm
 * are not missing by chance. A rare metric of which only events are recorded has no coverage to compare.
 */
export function checkCoverage(seen: Observations): QualityCheck {
  let logE = 0;
  const onlyEvents = seen.kind === "rare" && seen.strata.every((_, k) => recordsOnlyEvents(seen, k));
  if (!onlyEvents && !seen.broken)
    for (const { candidate, control } of seen.epochs) logE += evenSplitLogE(candidate.n, control.n);
  const sides = `${count(seen.n.candidate)} candidate and ${count(seen.n.control)} control units`;
  return judge(seen.metric, "coverage", logE, seen.n, {
    ok: `${seen.metric} arrived for ${sides}`,
    bad: `${seen.metric} goes missing in one arm: it arrived for ${sides} where as many of each were expected`,
  });
}

/**
 * Metrics whose newest value, in either arm, is older than the policy lets it be. What never came is as
 * old as the canary.
 */
export function staleMetrics(
  canary: CanaryPolicy,
  metrics: Readonly<Record<string, MetricSpec>>,
  silenceMs: Readonly<Record<string, ByArm<number | null>>>,
  elapsedMs: number,
): readonly string[] {
  const stale: string[] = [];
  for (const metric of recordedMetrics(canary)) {
    const limit = metrics[metric]?.freshness_ms;
    const silence = silenceMs[metric];
    if (limit === undefined || silence === undefined) continue;
    for (const arm of ["candidate", "control"] as const) {
      const age = silence[arm];
      if ((age ?? elapsedMs) <= limit) continue;
      stale.push(
        age === null
          ? `no ${metric} has ever come from the ${arm}`
          : `no ${metric} has come from the ${arm} for ${duration(age)}; at most ${duration(limit)} is allowed`,
      );
      break;
    }
  }
  return stale;
}
