import { recordedMetrics, type CanaryPolicy, type MetricSpec } from "../../../domain/policy/policy.ts";
import type { Assessment, Cell, EpochExposures, Evidence, Verdict } from "../../../domain/rollout/verdict.ts";
import { asymptoticSequence } from "../../inference/asymptotic-sequence.ts";
import { checkCoverage, checkSplit, staleMetrics } from "./data-quality.ts";
import { checkFuses } from "./fuses.ts";
import { checkHarm, HARM_N_STAR, MIN_VALUES, type HarmCheck } from "./harm.ts";
import { monitored, type MonitoredMetric } from "./monitored-metric.ts";
import { type ByArm, cellsByMetric } from "../both-versions/arm-sums.ts";
import { observe, type Observations } from "./observations.ts";
import { boundaryAt, checkClaim, powerReached, type ClaimCheck } from "./promotion.ts";
import { count, difference, duration, percent } from "../wording.ts";
import { contrast } from "../../inference/stratified.ts";

const HARM_ALPHA = 0.05;

export interface VersionTwoInput {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly cells: readonly Cell[];
  readonly exposures: readonly EpochExposures[];
  /** 0-based. */
  readonly stage: number;
  /** Time in this stage, pauses taken out. */
  readonly dwellMs: number;
  /** Since the canary began. */
  readonly elapsedMs: number;
  /** Paused or awaiting approval: only fuse, invalid, harm and time-out may come out. */
  readonly frozen: boolean;
  /** `holdback`: after promotion; fuse, invalid and harm only, with an alpha of its own. */
  readonly mode: "canary" | "holdback";
  /** An operator asked to skip to promotion: past dwell, stages and claims; never past fuse, invalid, harm, nor without the values to see harm. */
  readonly promoteNow?: boolean;
  /** Of the previous tick's assessment. */
  readonly fuseStreaks: Readonly<Record<string, number>>;
  /** Age of each arm's newest value, per metric; null: never. A metric left out is not checked. */
  readonly silenceMs: Readonly<Record<string, ByArm<number | null>>>;
}

/** A monitored metric with all that is known of it at this tick. */
interface Line {
  readonly metric: MonitoredMetric;
  readonly seen: Observations;
  readonly harm: HarmCheck;
  readonly claim: ClaimCheck | undefined;
}

/**
 * The rules of version 2, as they were: rollouts that began under them end under them, and what they decided
 * can be decided again. Nothing here changes any more; what does not differ from today's rules is imported.
 *
 * One look at the evidence. Pure: the same input gives the same assessment. In order: fuse, invalid data,
 * harm, stage gate or promotion, time-out. May be called as often as one likes; the error rates hold over
 * all looks together.
 */
export function assessByVersionTwo(input: VersionTwoInput): Assessment {
  const { canary, metrics } = input;
  const cells = cellsByMetric(input.cells);
  const observations = new Map<string, Observations>();
  for (const name of recordedMetrics(canary))
    observations.set(name, observe(name, metrics[name]?.kind ?? "mean", cells.get(name)));
  const of = (name: string) => observations.get(name)!;

  const watched = monitored(canary, metrics);
  const fuses = checkFuses(canary, of, input.fuseStreaks);
  const split = checkSplit(input.exposures);
  const coverage = watched.map(({ metric }) => checkCoverage(of(metric)));
  const slowest = fewestUnits(watched.map(({ metric }) => of(metric)));
  const closed = slowest.units;
  const information = Math.min(1, closed / Math.max(1, canary.max_units));
  const lastStage = input.mode === "canary" && input.stage >= canary.stages.length - 1;
  const boundary = lastStage ? boundaryAt(canary.promote_by, information) : null;
  const alpha = HARM_ALPHA / watched.length;
  const lines = watched.map((metric): Line => {
    const seen = of(metric.metric);
    const harm = checkHarm(metric, seen, alpha);
    return { metric, seen, harm, claim: lastStage ? checkClaim(metric, seen, boundary) : undefined };
  });

  const stale = staleMetrics(canary, metrics, input.silenceMs, input.elapsedMs);
  const holds = [...split.holds, ...coverage.flatMap((check) => check.holds), ...stale];
  const broken = lines.filter(({ seen }) => seen.broken).map(({ harm }) => harm.note);
  const result = (verdict: Verdict, reason: string): Assessment => ({
    verdict,
    reason,
    evidence: [
      ...lines.map((line) => evidenceOf(line, alpha)),
      ...fuses.evidence,
      ...split.evidence,
      ...coverage
        .filter((check) => check.holds.length > 0 || check.invalid)
        .flatMap((check) => check.evidence),
    ],
    information,
    fuseStreaks: fuses.streaks,
    splitLogE: split.logE,
    alerts: [...holds, ...broken],
  });

  if (fuses.blown) return result("fuse", fuses.blown);
  const invalid = split.invalid ?? coverage.find((check) => check.invalid)?.invalid;
  if (invalid) return result("invalid", invalid);
  const harmful = lines.find(({ harm }) => harm.state === "harm");
  if (harmful) return result("harm", harmful.harm.note);
  if (input.mode === "holdback") return result("continue", "the promoted version does no harm that shows");
  // Harm is looked for from a number of values on; before, that nothing shows harm says nothing.
  const unseen = input.promoteNow ? missing(lines, true)[0] : undefined;
  if (!input.frozen && input.promoteNow && unseen === undefined)
    return result("promote", "a person asked for promotion, and nothing shows harm");

  const waiting = [...holds, ...broken, ...missing(lines, lastStage)];
  let progress: string;
  if (!input.frozen && unseen !== undefined) progress = `asked to promote, which takes evidence: ${unseen}`;
  else if (input.frozen) progress = "paused or waiting for approval: watching for harm only";
  else if (waiting.length > 0) progress = `held: ${waiting[0]}`;
  else if (!lastStage) {
    const gate = stageGate(input, fewestUnits(observations.values()));
    if (gate.open) return result("advance", gate.reason);
    progress = gate.reason;
  } else {
    const unmet = lines.filter(({ claim }) => claim?.state !== "met");
    const enough = closed >= Math.min(canary.min_units, canary.max_units);
    if (enough && unmet.length === 0) return result("promote", promotionReason(lines, closed));
    if (information >= 1) return ending(unmet[0]!, "all the units planned have been seen");
    progress = enough ? notYet(unmet[0]!, information) : unitsWanted(slowest, canary.min_units);
  }

  if (input.elapsedMs >= canary.max_duration_ms) {
    const after = `after ${duration(input.elapsedMs)}, the longest it may take`;
    if (lines.every(({ seen }) => seen.n.candidate === 0 && seen.n.control === 0))
      return result("no_data", `no value of any metric ever arrived; stopped ${after}`);
    if (!input.frozen && waiting.length === 0 && lastStage) {
      const unmet = lines.find(({ claim }) => claim?.state !== "met");
      if (unmet) return ending(unmet, after);
    }
    return result("inconclusive", `inconclusive ${after}: ${progress}`);
  }
  return result("continue", progress);

  /** The run is over with a claim unmet: the policy may still promote what is proven no worse. */
  function ending(unmet: Line, when: string): Assessment {
    const harmless =
      canary.on_inconclusive === "promote_if_noninferior" &&
      closed >= Math.min(canary.min_units, canary.max_units) &&
      lines.every((line) => noWorse(line, boundary));
    if (harmless)
      return result("promote", `${notProven(unmet)}, but every metric is proven no worse than allowed`);
    return result(
      "inconclusive",
      `inconclusive: ${when}, and ${notProven(unmet)}${reached(unmet, information)}`,
    );
  }
}

interface Fewest {
  readonly metric: string;
  readonly units: number;
}

/** Closed exposed units of the slowest metric in its smaller arm. */
function fewestUnits(observations: Iterable<Observations>): Fewest {
  let fewest: Fewest = { metric: "", units: Infinity };
  for (const { metric, units } of observations) {
    const smaller = Math.min(units.candidate, units.control);
    if (smaller < fewest.units) fewest = { metric, units: smaller };
  }
  return fewest;
}

/** Metrics without data: for a stage, no value at all in an arm; for promotion, too few to test. */
function missing(lines: readonly Line[], lastStage: boolean): readonly string[] {
  return lines
    .filter(({ seen }) => Math.min(seen.n.candidate, seen.n.control) < (lastStage ? MIN_VALUES : 1))
    .map(({ metric, seen: { n } }) => {
      const sides = `${count(n.candidate)} candidate and ${count(n.control)} control units`;
      return `${metric.metric} has arrived for ${sides} only`;
    });
}

function stageGate(
  input: VersionTwoInput,
  slowest: Fewest,
): { readonly open: boolean; readonly reason: string } {
  const { canary, stage, dwellMs } = input;
  const dwell = canary.stages[stage]?.dwell_ms ?? 0;
  const wanted = Math.min(canary.min_units, canary.max_units);
  if (slowest.units < wanted) return { open: false, reason: unitsWanted(slowest, wanted) };
  if (dwellMs < dwell)
    return { open: false, reason: `no harm so far; ${duration(dwell - dwellMs)} of this stage are left` };
  return {
    open: true,
    reason: `no harm over ${count(slowest.units)} units an arm and ${duration(dwellMs)}: on to the next stage`,
  };
}

function unitsWanted({ metric, units }: Fewest, wanted: number): string {
  return `${metric} has been seen to its end for ${count(units)} units an arm; ${count(wanted)} are needed`;
}

function promotionReason(lines: readonly Line[], closed: number): string {
  const goal = lines[0]!;
  const what = goal.metric.claim === "superior" ? "better" : "no worse than allowed";
  const rails = lines.length > 1 ? `, and so is each of ${lines.length - 1} guardrails` : "";
  return `${goal.metric.metric} is proven ${what}${rails.replace("each of 1 guardrails", "its guardrail")}, over ${count(closed)} units an arm`;
}

function notProven({ metric, seen }: Line): string {
  const claim = metric.claim === "superior" ? "better" : "no worse than allowed";
  const interval = evidenceInterval(seen);
  const range = interval
    ? ` (difference ${difference(seen.kind, interval.diff)}, between ${difference(seen.kind, interval.ci[0])} and ${difference(seen.kind, interval.ci[1])})`
    : "";
  return `${metric.metric} is not proven ${claim}${range}`;
}

function reached({ metric, seen }: Line, information: number): string {
  const power = powerReached(metric, seen, information);
  return power === null
    ? ""
    : `; a version without any difference would have passed ${percent(power)} of the time`;
}

function notYet({ metric, claim }: Line, information: number): string {
  const score =
    claim?.z === null || claim?.z === undefined || claim.boundary === null
      ? ""
      : ` (score ${claim.z.toFixed(2)} of ${claim.boundary.toFixed(2)})`;
  return `${metric.metric} is not proven yet${score}, at ${percent(information)} of the planned units`;
}

function noWorse({ metric, seen }: Line, boundary: number | null): boolean {
  const as = metric.claim === "superior" ? "non_inferior" : metric.claim;
  return checkClaim(metric, seen, boundary, as).state === "met";
}

function evidenceInterval(seen: Observations): { diff: number; ci: readonly [number, number] } | null {
  if (seen.broken || Math.min(seen.n.candidate, seen.n.control) < MIN_VALUES) return null;
  const plain = contrast(seen.strata, 1, -1);
  if (!plain) return null;
  const { value: diff, se, nEff } = plain;
  const band = asymptoticSequence({ diff, se, nEff, nStar: HARM_N_STAR, alpha: 0.05 });
  return band.ok ? { diff, ci: [band.low, band.high] } : null;
}

function evidenceOf({ metric, seen, harm, claim }: Line, alpha: number): Evidence {
  const interval = evidenceInterval(seen);
  const verdict =
    harm.state === "harm"
      ? "harm"
      : claim
        ? claim.state
        : harm.state === "not_enough_data" && !interval
          ? "not_enough_data"
          : "ok";
  return {
    metric: metric.metric,
    role: metric.role,
    n: seen.n,
    mean: seen.mean,
    diff: interval?.diff ?? null,
    ci: interval?.ci ?? null,
    p: harm.p,
    alpha,
    z: claim?.z ?? null,
    boundary: claim?.boundary ?? null,
    verdict,
    note: harm.note,
  };
}
