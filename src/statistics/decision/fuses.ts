import type { CanaryPolicy, Fuse } from "../../domain/policy/policy.ts";
import type { Evidence, FuseState } from "../../domain/rollout/verdict.ts";
import { oneSidedMultiplier } from "../inference/asymptotic-sequence.ts";
import { rateAboveLimit } from "../inference/rate-limit.ts";
import type { ArmEstimate } from "../inference/stratified.ts";
import type { ByArm } from "./both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import { amount, count } from "./wording.ts";

/** One false alarm in a thousand rollouts, over all looks and starts of a fuse together. */
const FUSE_LEVEL = 0.001;
/** ln E under which the metric is plainly fine: the evidence starts anew, so that a good past hides no breakdown. */
const FINE_LOG_E = -3;
/** Of the control: from here on it counts as beyond the limit as well. */
const CONTROL_LOG_E = Math.log(10);
/** Candidate units with a value before a mean may blow a fuse, and where its sequence is tightest. */
const MEAN_UNITS = 30;
const MEAN_N_STAR = 100;

export interface FuseCheck {
  readonly states: Readonly<Record<string, FuseState>>;
  readonly evidence: readonly Evidence[];
  /** Why, when one has blown. */
  readonly blown: string | undefined;
  /** Both arms are beyond a limit: nothing that a rollback would mend. */
  readonly holds: readonly string[];
}

/** `error>0.2`: the name a fuse's state is kept under. */
export function fuseKey(fuse: Fuse): string {
  return fuse.above !== undefined ? `${fuse.metric}>${fuse.above}` : `${fuse.metric}<${fuse.below}`;
}

/** Absolute limits on the candidate, for what nobody wants to wait for: from six units on where everything fails. */
export function checkFuses(
  canary: CanaryPolicy,
  observations: (metric: string) => Observations,
  previous: Readonly<Record<string, FuseState>>,
): FuseCheck {
  const states: Record<string, FuseState> = {};
  const evidence: Evidence[] = [];
  const holds: string[] = [];
  let blown: string | undefined;
  for (const { fuse, seen, ...found } of lookAtFuses(canary, observations, previous)) {
    if (found.state) states[fuseKey(fuse)] = found.state;
    const side = fuse.above !== undefined ? "above" : "below";
    const limit = amount(seen.kind, fuse.above ?? fuse.below ?? 0);
    const beyond = found.candidate && !found.control;
    const note =
      found.n === 0 || found.mean === null
        ? `fuse: no candidate unit with ${fuse.metric} so far`
        : `fuse: ${fuse.metric} is ${amount(seen.kind, found.mean)} over the newest ${count(found.n)} candidate units, ` +
          (found.candidate
            ? found.control
              ? `${side} its limit of ${limit} in both arms: held until the control is within it again, as a rollback would mend nothing`
              : `surely ${side} its limit of ${limit}`
            : `not surely ${side} its limit of ${limit}`);
    if (beyond) blown ??= note;
    if (found.candidate && found.control) holds.push(note);
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
      verdict: found.n === 0 ? "not_enough_data" : beyond ? "breached" : "ok",
      note,
    });
  }
  return { states, evidence, blown, holds };
}

/** A fuse at one look, for those who want to see how near it is. */
export interface FuseLook extends Found {
  readonly fuse: Fuse;
  readonly seen: Observations;
}

/** Each fuse of the policy as {@link checkFuses} sees it. */
export function lookAtFuses(
  canary: CanaryPolicy,
  observations: (metric: string) => Observations,
  previous: Readonly<Record<string, FuseState>>,
): readonly FuseLook[] {
  return canary.fuses.map((fuse) => {
    const seen = observations(fuse.metric);
    return {
      fuse,
      seen,
      ...(seen.binary ? ofRate(fuse, seen, previous[fuseKey(fuse)]) : ofMean(fuse, seen)),
    };
  });
}

interface Found {
  /** Beyond the limit? */
  readonly candidate: boolean;
  readonly control: boolean;
  /** Of the newest candidate units. */
  readonly n: number;
  readonly mean: number | null;
  readonly state?: FuseState;
  /** Of a share of units: those since the last start, and the natural log of the e-value that blows it. */
  readonly rate?: { readonly counts: Counts; readonly needed: number };
  /** Of a quantity: what the candidate's newest mean surely is at least (below: at most), in its own unit. */
  readonly bound?: number;
}

const NOTHING: Found = { candidate: false, control: false, n: 0, mean: null };

export interface Counts {
  readonly n: number;
  readonly x: number;
}

/** A share of units: the e-process "beyond the limit" over the units since its last start, in the newest epoch. */
function ofRate(fuse: Fuse, seen: Observations, previous: FuseState | undefined): Found {
  const limit = fuse.above ?? fuse.below ?? 0;
  const last = seen.strata.length - 1;
  if (seen.broken || last < 0 || !(limit > 0 && limit < 1)) return NOTHING;
  const epoch = seen.numbers[last]!;
  const now = {
    candidate: counts(seen.strata[last]!.candidate),
    control: counts(seen.strata[last]!.control),
  };
  const before = previous?.epoch === epoch ? previous : undefined;
  const starts = before?.starts ?? (previous ? previous.starts + 1 : 1);
  const from: ByArm<Counts> = before ?? { candidate: { n: 0, x: 0 }, control: { n: 0, x: 0 } };
  const candidate = since(now.candidate, from.candidate);
  const logE = evidenceOf(fuse, candidate, limit);
  // Each start has its part of the level: 6/(π² k²) of it for the k-th.
  const needed = -Math.log(FUSE_LEVEL * share(starts));
  const beyond = logE >= needed;
  const both = beyond && evidenceOf(fuse, since(now.control, from.control), limit) >= CONTROL_LOG_E;
  const anew = logE < FINE_LOG_E;
  return {
    candidate: beyond,
    control: both,
    n: candidate.n,
    mean: candidate.n > 0 ? candidate.x / candidate.n : null,
    rate: { counts: candidate, needed },
    state: anew
      ? { epoch, starts: starts + 1, candidate: now.candidate, control: now.control }
      : { epoch, starts, candidate: from.candidate, control: from.control },
  };
}

function share(start: number): number {
  return 6 / (Math.PI * start) ** 2;
}

function counts({ n, mean }: ArmEstimate): Counts {
  return { n, x: Math.round(n * mean) };
}

function since(now: Counts, from: Counts): Counts {
  const n = Math.max(0, now.n - from.n);
  return { n, x: Math.min(n, Math.max(0, now.x - from.x)) };
}

/** Natural log of the e-value that a share of units is beyond `limit`, on the side that the fuse looks at. */
export function evidenceOf(fuse: Fuse, { n, x }: Counts, limit: number): number {
  const result =
    fuse.above !== undefined
      ? rateAboveLimit({ x, n, limit })
      : rateAboveLimit({ x: n - x, n, limit: 1 - limit });
  return result.ok ? result.logE : 0;
}

/** A quantity: the newest epoch's mean, its one-sided confidence sequence beyond the limit. */
function ofMean(fuse: Fuse, seen: Observations): Found {
  const last = seen.strata.length - 1;
  if (seen.broken || last < 0) return NOTHING;
  const alpha = FUSE_LEVEL * share(last + 1);
  const { candidate, control } = seen.strata[last]!;
  const beyond = (arm: ArmEstimate) => meanBeyond(fuse, seen.log, arm, alpha);
  return {
    candidate: beyond(candidate),
    control: control.n >= MEAN_UNITS && meanBeyond(fuse, seen.log, control, 0.1),
    n: candidate.n,
    mean: candidate.n > 0 ? (seen.log ? Math.exp(candidate.mean) : candidate.mean) : null,
    ...(candidate.n >= MEAN_UNITS && { bound: boundOf(fuse, seen.log, candidate, alpha) }),
  };
}

/** How far a mean is past the limit, in its scale, and how far it has to be. */
function reach(fuse: Fuse, log: boolean, arm: ArmEstimate, alpha: number) {
  const limit = fuse.above ?? fuse.below ?? 0;
  const distance = (arm.mean - (log ? Math.log(limit) : limit)) * (fuse.above !== undefined ? 1 : -1);
  return {
    distance,
    needed: oneSidedMultiplier(arm.n, MEAN_N_STAR, alpha) * Math.sqrt(arm.variance / arm.n),
  };
}

function meanBeyond(fuse: Fuse, log: boolean, arm: ArmEstimate, alpha: number): boolean {
  if (arm.n < MEAN_UNITS) return false;
  const { distance, needed } = reach(fuse, log, arm, alpha);
  return distance > needed;
}

function boundOf(fuse: Fuse, log: boolean, arm: ArmEstimate, alpha: number): number {
  const { distance, needed } = reach(fuse, log, arm, alpha);
  const limit = fuse.above ?? fuse.below ?? 0;
  const past = (distance - needed) * (fuse.above !== undefined ? 1 : -1);
  return log ? limit * Math.exp(past) : limit + past;
}
