import {
  recordedMetrics,
  type CanaryPolicy,
  type Coverage,
  type MetricSpec,
} from "../../domain/policy/policy.ts";
import type { EpochExposures, Evidence } from "../../domain/rollout/verdict.ts";
import { asymptoticSequence } from "../inference/asymptotic-sequence.ts";
import { evenSplitLogE } from "../inference/sample-ratio.ts";
import { contrast } from "../inference/stratified.ts";
import { type CoverageCounts, coverageEvidence } from "./coverage-evidence.ts";
import { comparable, type FullArms } from "./enrolment-end.ts";
import { HARM_N_STAR } from "./harm.ts";
import type { ByArm } from "./both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import { count, difference, duration, percent } from "./wording.ts";
import { judge, judgeSplit, type QualityCheck, recordsOnlyEvents } from "./both-versions/quality-check.ts";

/** Exposures against the 1:1 that matched arms must show, epoch by epoch, until one of them is full. */
export function checkSplit(exposures: readonly EpochExposures[], full: FullArms): QualityCheck {
  let logE = 0;
  let candidate = 0;
  let control = 0;
  for (const epoch of exposures) {
    if (!(epoch.candidate >= 0 && epoch.control >= 0) || !Number.isFinite(epoch.candidate + epoch.control))
      continue;
    const counted = comparable(epoch, full.get(epoch.epoch));
    logE += evenSplitLogE(counted.candidate, counted.control);
    candidate += epoch.candidate;
    control += epoch.control;
  }
  return judgeSplit(logE, { candidate, control });
}

export interface CoverageCheck extends QualityCheck {
  /** What goes missing with the candidate is the candidate's doing. */
  readonly harm: string | undefined;
  /** Its evidence is shown where nothing is wrong, too. */
  readonly shown: boolean;
}

/**
 * Does the metric arrive for as many units in one arm as in the other? Values that go missing in one arm are not
 * missing by chance: with the candidate that is harm, with the control the comparison cannot be trusted. A rare metric
 * of which only events are recorded has no coverage to compare; where few answer of their own will (`reported`), how
 * many do is shown.
 */
export function checkCoverage(
  seen: Observations,
  coverage: Coverage | undefined,
  full: FullArms,
): CoverageCheck {
  const onlyEvents = seen.kind === "rare" && seen.strata.every((_, k) => recordsOnlyEvents(seen, k));
  if (coverage === "reported") return { ...nothingWrong(answerRate(seen)), harm: undefined, shown: true };
  const found =
    onlyEvents || seen.broken || coverage === "ignore"
      ? undefined
      : coverageEvidence(comparableCounts(seen, full));
  const logE = found?.ok ? found.logE : 0;
  const missingMore = found?.ok ? found.missingMore : 0;
  const arm = missingMore > 0 ? "candidate" : "control";
  const side = (of: "candidate" | "control") =>
    `${count(seen.n[of])} of ${count(seen.units[of])} ${of} units`;
  const check = judge(seen.metric, "coverage", logE, seen.n, {
    ok: `${seen.metric} arrived for ${side("candidate")} and ${side("control")}`,
    bad: `${seen.metric} goes missing with the ${arm}: it arrived for ${side("candidate")} and ${side("control")}`,
  });
  return arm === "candidate" && check.invalid !== undefined
    ? {
        ...check,
        evidence: check.evidence.map((line) => ({ ...line, verdict: "harm" as const })),
        invalid: undefined,
        harm: check.invalid,
        shown: false,
      }
    : { ...check, harm: undefined, shown: false };
}

/** In an epoch in which an arm was full, the other's units and values scaled down to as many units. */
function comparableCounts({ epochs, numbers }: Observations, full: FullArms): readonly CoverageCounts[] {
  return epochs.map(({ candidate, control }, k) => {
    const counted = comparable({ candidate: candidate.units, control: control.units }, full.get(numbers[k]!));
    return { candidate: scaled(candidate, counted.candidate), control: scaled(control, counted.control) };
  });
}

function scaled({ units, n }: CoverageCounts["candidate"], to: number): CoverageCounts["candidate"] {
  return units > to ? { units: to, n: (n * to) / units } : { units, n };
}

function nothingWrong(evidence: readonly Evidence[]): QualityCheck {
  return { logE: 0, evidence, invalid: undefined, holds: [] };
}

/** How many give a value, arm by arm, with an interval of the difference that is valid at every look. */
function answerRate(seen: Observations): readonly Evidence[] {
  const { units, n } = seen;
  if (seen.broken || Math.min(units.candidate, units.control) < 2) return [];
  const rate = { candidate: n.candidate / units.candidate, control: n.control / units.control };
  const answers = seen.epochs.map(({ candidate, control }) => ({
    candidate: answering(candidate),
    control: answering(control),
  }));
  const plain = contrast(answers, 1, -1);
  const band =
    plain &&
    asymptoticSequence({
      diff: plain.value,
      se: plain.se,
      nEff: plain.nEff,
      nStar: HARM_N_STAR,
      alpha: 0.05,
    });
  const ci = band?.ok ? ([band.low, band.high] as const) : null;
  const range = ci ? ` (${difference("rare", ci[0])} to ${difference("rare", ci[1])})` : "";
  return [
    {
      metric: seen.metric,
      role: "coverage",
      n: units,
      mean: rate,
      diff: plain?.value ?? null,
      ci,
      p: null,
      z: null,
      boundary: null,
      verdict: "ok",
      note: `${seen.metric} is given by ${percent(rate.candidate)} of the candidate's units and ${percent(rate.control)} of the control's${range}: shown, not judged`,
    },
  ];
}

function answering({ units, n }: { readonly units: number; readonly n: number }) {
  const mean = units > 0 ? n / units : 0;
  return { n: units, mean, variance: units > 1 ? (units * mean * (1 - mean)) / (units - 1) : 0 };
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
  isExpected: (metric: string) => boolean,
): readonly string[] {
  const stale: string[] = [];
  for (const metric of recordedMetrics(canary)) {
    const limit = metrics[metric]?.freshness_ms;
    const silence = silenceMs[metric];
    if (limit === undefined || silence === undefined) continue;
    for (const arm of ["candidate", "control"] as const) {
      const age = silence[arm];
      if ((age ?? elapsedMs) <= limit) continue;
      // What came, and has no unit left to come for, is not late; what never came is.
      if (age !== null && !isExpected(metric)) continue;
      stale.push(
        age === null
          ? `no ${metric} has ever come from the ${arm}: held until one does`
          : `no ${metric} has come from the ${arm} for ${duration(age)}, and at most ${duration(limit)} is allowed: held until one does`,
      );
      break;
    }
  }
  return stale;
}
