import type { Ledger } from "../domain/ledger.ts";
import { recordedMetrics, type CanaryPolicy, type MetricSpec } from "../domain/policy.ts";
import type {
  Assessment,
  BaseRate,
  Cell,
  EpochExposures,
  Evidence,
  FuseState,
  SegmentCell,
  Verdict,
} from "../domain/verdict.ts";
import { asymptoticSequence } from "./asymptotic-sequence.ts";
import { checkCoverage, checkSplit, staleMetrics } from "./decision/data-quality.ts";
import { checkFuses } from "./decision/fuses.ts";
import { checkHarm, HARM_N_STAR, MIN_VALUES, uncapped, type HarmCheck } from "./decision/harm.ts";
import { monitored, type MonitoredMetric } from "./decision/monitored-metric.ts";
import { cellsByMetric, observe, type ByArm, type Observations } from "./decision/observations.ts";
import { boundaryAt, checkClaim, powerReached, type ClaimCheck } from "./decision/promotion.ts";
import { ledgerStep, marginLeft, type MarginLeft } from "./decision/ledger.ts";
import { baseRate, limitSentence, rareLimit, type RareLimit } from "./decision/rare-limit.ts";
import { waitingFor, type NextClosing } from "./decision/waiting.ts";
import { count, difference, duration, percent } from "./decision/wording.ts";
import { checkSegments } from "./decision/segments.ts";
import { leeBounds } from "./lee-bounds.ts";
import { contrast } from "./stratified.ts";

/** Stored with every rollout and decision: another version may decide the same evidence differently. */
export const DECISION_CODE_VERSION = "3";

/** Harm, over all monitored metrics and every look: the share of harmless versions rolled back. */
export const HARM_ALPHA = 0.05;

export interface AssessmentInput {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly cells: readonly Cell[];
  /** By segment, where the policy names any. */
  readonly segments?: readonly SegmentCell[] | undefined;
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
  /** A person asked to skip to promotion: past dwell, stages and claims; never past fuse, invalid, harm, nor without the values to see harm. */
  readonly promoteNow?: boolean;
  /** The so many-th try of the same content: decided more strictly from the second on. 1 unless told. */
  readonly attempt?: number | undefined;
  /** What earlier promotions have used of each margin; nothing unless told. */
  readonly ledger?: Ledger | undefined;
  /** Of the previous tick's assessment; an older form of the fuses needs it. */
  readonly fuseStreaks: Readonly<Record<string, number>>;
  /** Of the previous tick's assessment, as the next two are. */
  readonly fuses?: Readonly<Record<string, FuseState>>;
  readonly baseRates?: Readonly<Record<string, BaseRate>>;
  /** Age of each arm's newest value, per metric; null: never. A metric left out is not checked. */
  readonly silenceMs: Readonly<Record<string, ByArm<number | null>>>;
  /** The window that closes next; null or left out: no unit is known to wait. */
  readonly nextClosing?: NextClosing | null;
}

/** A monitored metric with all that is known of it at this tick. */
interface Line {
  readonly metric: MonitoredMetric;
  readonly seen: Observations;
  readonly harm: HarmCheck;
  readonly claim: ClaimCheck | undefined;
  /** Of its margin, after earlier promotions. */
  readonly left: MarginLeft | undefined;
  readonly limit: RareLimit | undefined;
}

/**
 * One look at the evidence. Pure: the same input gives the same assessment. In order: fuse, invalid data,
 * harm, stage gate or promotion, time-out. May be called as often as one likes; the error rates hold over
 * all looks together.
 */
export function assess(input: AssessmentInput): Assessment {
  const { canary, metrics } = input;
  const cells = cellsByMetric(input.cells);
  const watched = monitored(canary, metrics);
  const observations = new Map<string, Observations>();
  for (const { metric, spec } of watched) observations.set(metric, observe(metric, spec, cells.get(metric)));
  for (const name of recordedMetrics(canary))
    if (!observations.has(name))
      observations.set(name, observe(name, metrics[name] ?? { kind: "mean" }, cells.get(name)));
  const of = (name: string) => observations.get(name)!;

  const fuses = checkFuses(canary, of, input.fuses ?? {});
  const split = checkSplit(input.exposures);
  const coverage = watched
    .filter(({ builtIn }) => !builtIn)
    .map(({ metric, spec }) => checkCoverage(of(metric), spec.coverage));
  const slowest = fewestUnits(watched.map(({ metric }) => of(metric)));
  const inLastStage = () =>
    fewestUnits(
      watched.map(({ metric }) => of(metric)),
      epochsOf(input),
    );
  const closed = slowest.units;
  const information = Math.min(1, closed / Math.max(1, canary.max_units));
  const lastStage = input.mode === "canary" && input.stage >= canary.stages.length - 1;
  const boundary = lastStage ? boundaryAt(canary.promote_by, information, input.attempt) : null;
  // Where harm to a few is looked for as well, that has the other half.
  const toAll = canary.segments ? HARM_ALPHA / 2 : HARM_ALPHA;
  const alpha = toAll / watched.length;
  const baseRates: Record<string, BaseRate> = {};
  const lines = watched.map((metric): Line => {
    const seen = of(metric.metric);
    const base =
      metric.claim === "limit"
        ? baseRate(
            metric,
            seen,
            input.baseRates?.[metric.metric],
            lastStage ? { minUnits: Math.min(canary.min_units, canary.max_units) } : undefined,
          )
        : undefined;
    if (base) baseRates[metric.metric] = base;
    const limit = base && rareLimit(metric, base, canary.max_units);
    const harm = checkHarm(metric, seen, alpha, { limit, maxUnits: canary.max_units });
    const left = marginLeft(metric, canary, input.ledger?.metrics[metric.metric], input.ledger?.anchorName);
    return {
      metric,
      seen,
      harm,
      claim: lastStage ? checkClaim(metric, seen, boundary, limit, metric.claim, left?.margin) : undefined,
      left,
      limit,
    };
  });

  const segments = checkSegments(
    watched,
    canary.segments ?? [],
    input.segments ?? [],
    HARM_ALPHA / 2,
    (metric) => ({
      limit: lines.find((line) => line.metric === metric)?.limit,
      maxUnits: canary.max_units,
    }),
  );
  const stale = staleMetrics(canary, metrics, input.silenceMs, input.elapsedMs);
  const holds = [...split.holds, ...coverage.flatMap((check) => check.holds), ...fuses.holds, ...stale];
  const broken = lines.filter(({ seen }) => seen.broken).map(({ harm }) => harm.note);
  const result = (verdict: Verdict, reason: string): Assessment => ({
    verdict,
    reason,
    evidence: [
      ...lines.map((line) =>
        evidenceOf(line, alpha, { promotes: verdict === "promote", maxUnits: canary.max_units }),
      ),
      ...segments.evidence,
      ...fuses.evidence,
      ...split.evidence,
      ...coverage
        .filter((check) => check.holds.length > 0 || check.invalid || check.harm || check.shown)
        .flatMap((check) => check.evidence),
    ],
    information,
    fuseStreaks: {},
    fuses: fuses.states,
    baseRates,
    splitLogE: split.logE,
    alerts: [...holds, ...broken],
  });

  if (fuses.blown) return result("fuse", fuses.blown);
  const invalid = split.invalid ?? coverage.find((check) => check.invalid)?.invalid;
  if (invalid) return result("invalid", invalid);
  const harmful =
    lines.find(({ harm }) => harm.state === "harm")?.harm.note ??
    coverage.find((check) => check.harm)?.harm ??
    segments.harmful;
  if (harmful) return result("harm", harmful);
  if (input.mode === "holdback")
    return result(
      "continue",
      closed === 0 ? "no unit has been seen to its end yet" : "the promoted version does no harm that shows",
    );
  // Harm is looked for from a number of values on; before, that nothing shows harm says nothing.
  const asked = lines.filter(({ metric }) => !metric.builtIn);
  const unseen = input.promoteNow ? missing(input, asked, true)[0] : undefined;
  if (!input.frozen && input.promoteNow && unseen === undefined)
    return result("promote", "a person asked for promotion, and nothing shows harm");

  const unvarying = lines.filter(({ harm }) => !lastStage && harm.unvarying).map(({ harm }) => harm.note);
  const waiting = [...holds, ...broken, ...missing(input, asked, lastStage), ...unvarying];
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
    const gate = lastStageGate(input, inLastStage());
    if (gate.open && unmet.length === 0) return result("promote", promotionReason(lines, closed));
    if (gate.open && information >= 1) return ending(unmet[0]!, "all the units planned have been seen");
    progress = gate.open ? notYet(unmet[0]!, information, canary.max_units) : gate.reason;
  }

  if (input.elapsedMs >= canary.max_duration_ms) {
    const after = `after ${duration(input.elapsedMs)}, the longest it may take`;
    if (asked.every(({ seen }) => seen.n.candidate === 0 && seen.n.control === 0))
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
      lastStageGate(input, inLastStage()).open &&
      lines.every((line) => noWorse(line, boundary));
    if (harmless)
      return result(
        "promote",
        `${notProven(unmet, canary.max_units)}, but every metric is proven no worse than allowed`,
      );
    return result(
      "inconclusive",
      `inconclusive: ${when}, and ${notProven(unmet, canary.max_units)}${reached(unmet, information)}${ledgerNote(unmet.left)}`,
    );
  }
}

interface Fewest {
  readonly metric: string;
  readonly units: number;
}

/** Closed exposed units of the slowest metric in its smaller arm, over all epochs or those named. */
function fewestUnits(observations: Iterable<Observations>, only?: ReadonlySet<number>): Fewest {
  let fewest: Fewest = { metric: "", units: Infinity };
  for (const { metric, units, epochs, numbers } of observations) {
    const seen = (arm: "candidate" | "control") =>
      only === undefined
        ? units[arm]
        : epochs.reduce((sum, epoch, k) => sum + (only.has(numbers[k]!) ? epoch[arm].units : 0), 0);
    const smaller = Math.min(seen("candidate"), seen("control"));
    if (smaller < fewest.units) fewest = { metric, units: smaller };
  }
  return fewest;
}

/** The epochs of the last stage; undefined (all of them) where it is not known which belong to it. */
function epochsOf({ canary, exposures }: AssessmentInput): ReadonlySet<number> | undefined {
  if (exposures.every(({ stage }) => stage === undefined)) return undefined;
  const last = canary.stages.length - 1;
  return new Set(exposures.filter(({ stage }) => stage === last).map(({ epoch }) => epoch));
}

/** Metrics without data: for a stage, no value at all in an arm; for promotion, too few to test. */
function missing(input: AssessmentInput, lines: readonly Line[], lastStage: boolean): readonly string[] {
  return lines
    .filter(({ seen }) => Math.min(seen.n.candidate, seen.n.control) < (lastStage ? MIN_VALUES : 1))
    .map(({ metric, seen }) => {
      const sides = `${count(seen.n.candidate)} candidate and ${count(seen.n.control)} control units`;
      const needed = lastStage ? `, and ${MIN_VALUES} of each are needed` : "";
      const wait = waitingFor(input, metric.metric, metric.spec.window_ms);
      return `${metric.metric} has been seen for ${sides}${needed}${wait ? `: ${wait}` : ""}`;
    });
}

interface Gate {
  readonly open: boolean;
  readonly reason: string;
}

function stageGate(input: AssessmentInput, slowest: Fewest): Gate {
  const { canary, stage, dwellMs } = input;
  const dwell = canary.stages[stage]?.dwell_ms ?? 0;
  const wanted = Math.min(canary.min_units, canary.max_units);
  if (slowest.units < wanted) return { open: false, reason: unitsWanted(input, slowest, wanted) };
  if (dwellMs < dwell)
    return { open: false, reason: `no harm so far; ${duration(dwell - dwellMs)} of this stage are left` };
  return {
    open: true,
    reason: `no harm over ${count(slowest.units)} units an arm and ${duration(dwellMs)}: on to the next stage`,
  };
}

/** The last stage counts on its own: what a larger share brings shows only in units that came under it. */
function lastStageGate(input: AssessmentInput, slowest: Fewest): Gate {
  const { canary, stage, dwellMs } = input;
  const dwell = Math.max(canary.stages[stage]?.dwell_ms ?? 0, canary.interval_ms);
  const wanted = Math.min(canary.min_units, canary.max_units);
  if (slowest.units < wanted)
    return { open: false, reason: `in the last stage ${unitsWanted(input, slowest, wanted)}` };
  if (dwellMs < dwell)
    return { open: false, reason: `no harm so far; ${duration(dwell - dwellMs)} of the last stage are left` };
  return { open: true, reason: "" };
}

function unitsWanted(input: AssessmentInput, { metric, units }: Fewest, wanted: number): string {
  const spec = input.metrics[metric];
  const wait = spec ? waitingFor(input, metric, spec.window_ms) : "";
  return `${metric} has been seen to its end for ${count(units)} units an arm; ${count(wanted)} are needed${wait && `: ${wait}`}`;
}

function promotionReason(lines: readonly Line[], closed: number): string {
  const goal = lines[0]!;
  const rails = lines.filter(({ metric }) => metric.role === "guardrail" && !metric.builtIn);
  const shown = rails.filter(({ metric }) => metric.claim !== "harmless");
  const unshown = rails
    .filter(({ metric }) => metric.claim === "harmless")
    .map(({ metric }) => metric.metric);
  const what = goal.metric.claim === "superior" ? "better" : "no worse than allowed";
  const kept =
    shown.length === 0
      ? ""
      : `, and so is ${shown.length === 1 ? "its guardrail" : `each of ${shown.length} guardrails`}`;
  const open = unshown.length === 0 ? "" : `; ${unshown.join(", ")} not shown, by policy`;
  const hidden = lines
    .map(({ metric, seen }) => [metric.metric, uncapped(metric, seen)] as const)
    .filter(([, text]) => text !== "")
    .map(([metric, text]) => `; ${metric}${text}`)
    .join("");
  return `${goal.metric.metric} is proven ${what}${kept}, over ${count(closed)} units an arm${open}${hidden}${worstCase(lines)}`;
}

/** What those who did not answer could make of each metric whose answering is shown only. */
function worstCase(lines: readonly Line[]): string {
  return lines
    .filter(({ metric }) => metric.spec.coverage === "reported")
    .map(({ metric, seen }) => {
      const arm = (of: "candidate" | "control") => ({ units: seen.units[of], values: seen.moments[of] });
      const bounds = leeBounds({
        candidate: arm("candidate"),
        control: arm("control"),
        binary: seen.binary,
      });
      if (!bounds.ok || seen.log || seen.kind === "ratio") return "";
      const { answeredCandidate, answeredControl, low, high } = bounds;
      return `; ${percent(answeredCandidate)} and ${percent(answeredControl)} gave ${metric.metric}: among those who would give it either way the difference is ${difference(seen.kind, low)} to ${difference(seen.kind, high)}, whoever they are`;
    })
    .join("");
}

function notProven({ metric, seen, limit }: Line, maxUnits: number): string {
  if (metric.claim === "limit")
    return limit
      ? `${limitSentence(metric, limit, maxUnits)}, is not shown`
      : `${metric.metric} is not known well enough to hold it against a limit`;
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

function notYet(line: Line, information: number, maxUnits: number): string {
  const { metric, claim, left, limit } = line;
  const score =
    claim?.z === null || claim?.z === undefined || claim.boundary === null
      ? ""
      : ` (score ${claim.z.toFixed(2)} of ${claim.boundary.toFixed(2)})`;
  const what = limit
    ? `${limitSentence(metric, limit, maxUnits)}, is not shown yet`
    : `${metric.metric} is not proven yet`;
  return `${what}${score}, at ${percent(information)} of the planned units${ledgerNote(left)}`;
}

/** Why a margin is smaller than the policy's, and what an operator can do about it. */
function ledgerNote(left: MarginLeft | undefined): string {
  return left?.note === undefined ? "" : `; ${left.note}: compare with the anchor, or name another one`;
}

function noWorse({ metric, seen, left, limit }: Line, boundary: number | null): boolean {
  const as = metric.claim === "superior" ? "non_inferior" : metric.claim;
  return checkClaim(metric, seen, boundary, limit, as, left?.margin).state === "met";
}

function evidenceInterval(seen: Observations): { diff: number; ci: readonly [number, number] } | null {
  if (seen.broken || Math.min(seen.n.candidate, seen.n.control) < MIN_VALUES) return null;
  const plain = contrast(seen.strata, 1, -1);
  if (!plain) return null;
  const { value: diff, se, nEff } = plain;
  const band = asymptoticSequence({ diff, se, nEff, nStar: HARM_N_STAR, alpha: 0.05 });
  if (!band.ok) return null;
  if (!seen.log) return { diff, ci: [band.low, band.high] };
  // A difference of logarithms, as what it does to the control's geometric mean.
  const control = seen.mean.control ?? 0;
  const plainly = (value: number) => control * Math.expm1(value);
  return { diff: plainly(diff), ci: [plainly(band.low), plainly(band.high)] };
}

function evidenceOf(
  { metric, seen, harm, claim, left, limit }: Line,
  alpha: number,
  { promotes, maxUnits }: { readonly promotes: boolean; readonly maxUnits: number },
): Evidence {
  const step = promotes ? ledgerStep(metric, seen) : undefined;
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
    ...(seen.uncapped && { uncapped: seen.uncapped }),
    diff: interval?.diff ?? null,
    ci: interval?.ci ?? null,
    p: harm.p,
    alpha,
    z: claim?.z ?? null,
    boundary: claim?.boundary ?? null,
    verdict,
    claim: metric.claim,
    ...(step && { step }),
    ...(limit && { limit: limitSentence(metric, limit, maxUnits) }),
    note: left?.note === undefined ? harm.note : `${harm.note}; ${left.note}`,
  };
}
