import { BUCKETS } from "../../domain/rollout/assignment.ts";
import type { CanaryPolicy } from "../../domain/policy/policy.ts";

/**
 * How fast a canary sees units, stage by stage. Every unit of a day is taken for new: with users who come
 * back, it takes longer.
 */

export const DAY_MS = 86_400_000;

/** Least time in a stage, in ms: its dwell, or until the canary has its minimum of units. */
function leastTime(canary: CanaryPolicy, dwellMs: number, seen: number, perMs: number): number {
  const missing = Math.min(canary.min_units, canary.max_units) - seen;
  return missing <= 0 ? dwellMs : Math.max(dwellMs, perMs > 0 ? missing / perMs : Infinity);
}

/** Time in ms until an arm has seen so many units, going through the stages; Infinity without traffic. */
export function timeFor(canary: CanaryPolicy, unitsPerDay: number, units: number): number {
  let [time, seen] = [0, 0];
  for (const [index, stage] of canary.stages.entries()) {
    const perMs = (unitsPerDay * stage.share) / BUCKETS / DAY_MS;
    if (index === canary.stages.length - 1)
      return seen >= units ? time : perMs > 0 ? time + (units - seen) / perMs : Infinity;
    const spent = leastTime(canary, stage.dwell_ms, seen, perMs);
    if (!Number.isFinite(spent)) return Infinity;
    time += spent;
    seen += spent * perMs;
  }
  return time;
}

/** Units an arm that have been seen after so long, and whether the last stage has begun by then. */
export function unitsAfter(
  canary: CanaryPolicy,
  unitsPerDay: number,
  ms: number,
): { readonly units: number; readonly concludes: boolean } {
  let [left, units] = [Math.max(0, ms), 0];
  for (const [index, stage] of canary.stages.entries()) {
    const perMs = (unitsPerDay * stage.share) / BUCKETS / DAY_MS;
    if (index === canary.stages.length - 1) return { units: units + left * perMs, concludes: left > 0 };
    const spent = Math.min(left, leastTime(canary, stage.dwell_ms, units, perMs));
    units += spent * perMs;
    left -= spent;
  }
  return { units, concludes: false };
}

/**
 * Time between looks for a simulation, in ms: the policy's own interval where that makes no more than
 * `looks` of them, else longer. Fewer looks find harm a little later and change no error rate for the worse.
 */
export function lookInterval(canary: CanaryPolicy, unitsPerDay: number, looks = 200): number {
  const whole = Math.min(canary.max_duration_ms, timeFor(canary, unitsPerDay, canary.max_units));
  return Math.max(canary.interval_ms, Math.ceil(whole / looks));
}
