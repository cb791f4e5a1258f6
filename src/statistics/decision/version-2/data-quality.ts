import { recordedMetrics, type CanaryPolicy, type MetricSpec } from "../../../domain/policy/policy.ts";
import type { EpochExposures, Evidence } from "../../../domain/rollout/verdict.ts";
import { evenSplitLogE } from "../../inference/sample-ratio.ts";
import type { ByArm, Observations } from "./observations.ts";
import { count, duration } from "../wording.ts";

/** E-values: 100 holds and alerts, 1000 means that the comparison cannot be trusted. */
export const HOLD_LOG_E = Math.log(100);
export const INVALID_LOG_E = Math.log(1000);

export interface QualityCheck {
  readonly logE: number;
  readonly evidence: readonly Evidence[];
  /** Why the data cannot be trusted, when it cannot. */
  readonly invalid: string | undefined;
  /** Why nothing may be promoted or advanced for now. */
  readonly holds: readonly string[];
}

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
  const sides = `${count(candidate)} candidate and ${count(control)} control units`;
  return judge(
    "exposures",
    "split",
    logE,
    { candidate, control },
    {
      ok: `${sides}: the split is as it should be`,
      bad: `the split is off: ${sides} were exposed where as many of each were expected`,
    },
  );
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

function recordsOnlyEvents(seen: Observations, k: number): boolean {
  const epoch = seen.epochs[k]!;
  const stratum = seen.strata[k]!;
  return (["candidate", "control"] as const).every(
    (arm) => epoch[arm].n === Math.round(stratum[arm].mean * epoch[arm].units),
  );
}

function judge(
  metric: string,
  role: "split" | "coverage",
  logE: number,
  n: ByArm<number>,
  says: { readonly ok: string; readonly bad: string },
): QualityCheck {
  const odds = `${logE > 700 ? "over 1e300" : count(Math.exp(Math.max(0, logE)))} to 1`;
  const bad = logE >= HOLD_LOG_E;
  const invalid = logE >= INVALID_LOG_E;
  const note = bad ? `${says.bad} (evidence ${odds})` : says.ok;
  return {
    logE,
    evidence: [
      {
        metric,
        role,
        n,
        mean: { candidate: null, control: null },
        diff: null,
        ci: null,
        p: Math.min(1, Math.exp(-logE)),
        alpha: 1 / 1000,
        z: null,
        boundary: null,
        verdict: invalid ? "invalid" : "ok",
        note,
      },
    ],
    invalid: invalid ? note : undefined,
    holds: bad && !invalid ? [`${note}: held until it settles`] : [],
  };
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
