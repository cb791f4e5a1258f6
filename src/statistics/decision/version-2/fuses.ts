import type { CanaryPolicy, Fuse } from "../../../domain/policy/policy.ts";
import type { Evidence } from "../../../domain/rollout/verdict.ts";
import type { Observations } from "./observations.ts";
import { amount, count } from "../wording.ts";

/** Candidate units before a fuse may blow. */
const FUSE_UNITS = 30;

export interface FuseCheck {
  readonly streaks: Readonly<Record<string, number>>;
  readonly evidence: readonly Evidence[];
  /** Why, when one has blown. */
  readonly blown: string | undefined;
}

/** `error>0.2`: the name a streak is kept under. */
export function fuseKey(fuse: Fuse): string {
  return fuse.above !== undefined ? `${fuse.metric}>${fuse.above}` : `${fuse.metric}<${fuse.below}`;
}

/** Absolute limits on the candidate: not statistics, but a stop for what nobody wants to wait for. */
export function checkFuses(
  canary: CanaryPolicy,
  observations: (metric: string) => Observations,
  previous: Readonly<Record<string, number>>,
): FuseCheck {
  const streaks: Record<string, number> = {};
  const evidence: Evidence[] = [];
  let blown: string | undefined;
  for (const fuse of canary.fuses) {
    const seen = observations(fuse.metric);
    const key = fuseKey(fuse);
    const ticks = fuse.ticks ?? 2;
    const recent = recentMean(seen);
    const breached = recent !== null && isBreached(fuse, recent.mean);
    const streak = breached ? (previous[key] ?? 0) + 1 : 0;
    streaks[key] = streak;
    const gone = breached && streak >= ticks;
    const limit = fuse.above ?? fuse.below ?? 0;
    const side = fuse.above !== undefined ? "above" : "below";
    const note =
      recent === null
        ? `fuse: fewer than ${FUSE_UNITS} candidate units with ${fuse.metric} so far`
        : `fuse: ${fuse.metric} is ${amount(seen.kind, recent.mean)} over ${count(recent.n)} candidate units, ` +
          (breached
            ? `${side} its limit of ${amount(seen.kind, limit)} for ${streak} of ${ticks} ticks`
            : `within its limit of ${amount(seen.kind, limit)}`);
    if (gone && blown === undefined) blown = note;
    evidence.push({
      metric: fuse.metric,
      role: "fuse",
      n: seen.n,
      mean: seen.mean,
      diff: null,
      ci: null,
      p: null,
      z: null,
      boundary: null,
      verdict: recent === null ? "not_enough_data" : gone ? "breached" : "ok",
      note,
    });
  }
  return { streaks, evidence, blown };
}

function isBreached(fuse: Fuse, mean: number): boolean {
  return (fuse.above !== undefined && mean > fuse.above) || (fuse.below !== undefined && mean < fuse.below);
}

/**
 * The candidate's mean over the newest epochs that together hold 30 units: a breakdown after thousands
 * of good units must not hide behind them.
 */
function recentMean(seen: Observations): { readonly n: number; readonly mean: number } | null {
  if (seen.broken || seen.n.candidate === 0) return null;
  let n = 0;
  let sum = 0;
  for (let i = seen.strata.length - 1; i >= 0 && n < FUSE_UNITS; i--) {
    const arm = seen.strata[i]!.candidate;
    n += arm.n;
    sum += arm.n * arm.mean;
  }
  return n >= FUSE_UNITS && Number.isFinite(sum) ? { n, mean: sum / n } : null;
}
