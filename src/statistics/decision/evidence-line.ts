import type { CanaryPolicy } from "../../domain/policy/policy.ts";
import type { Evidence } from "../../domain/rollout/verdict.ts";
import { asymptoticSequence, oneSidedMultiplier } from "../inference/asymptotic-sequence.ts";
import { normalQuantile } from "../distributions.ts";
import { medianUnbiased } from "../inference/median-unbiased.ts";
import { contrast } from "../inference/stratified.ts";
import { HARM_N_STAR, MIN_VALUES } from "./harm.ts";
import { ledgerStep } from "./ledger.ts";
import type { Line } from "./line.ts";
import type { Observations } from "./observations.ts";
import { attemptAlpha } from "./promotion.ts";
import { difference } from "./wording.ts";
import { limitSentence } from "./rare-limit.ts";

export interface EvidenceInterval {
  readonly diff: number;
  readonly ci: readonly [number, number];
  /** Anytime p of any difference. */
  readonly p: number;
  /** Of diff before it is brought to the metric's own unit. */
  readonly se: number;
  readonly nEff: number;
  /** From that unit to the metric's own. */
  readonly inUnits: (value: number) => number;
}

/** The difference with its two-sided 95 % interval, valid at every look, in the metric's own unit; null without data. */
export function evidenceInterval(seen: Observations): EvidenceInterval | null {
  if (seen.broken || Math.min(seen.n.candidate, seen.n.control) < MIN_VALUES) return null;
  const plain = contrast(seen.strata, 1, -1);
  if (!plain) return null;
  const { value: diff, se, nEff } = plain;
  const band = asymptoticSequence({ diff, se, nEff, nStar: HARM_N_STAR, alpha: 0.05 });
  if (!band.ok) return null;
  // A difference of logarithms, as what it does to the control's geometric mean.
  const control = seen.mean.control ?? 0;
  const inUnits = seen.log ? (value: number) => control * Math.expm1(value) : (value: number) => value;
  return {
    diff: inUnits(diff),
    ci: [inUnits(band.low), inUnits(band.high)],
    p: band.p,
    se,
    nEff,
    inUnits,
  };
}

/** The harm that a sequence of this precision finds four times of five; rare events are not counted so. */
function smallestHarm(
  { metric, seen }: Line,
  { se, nEff, inUnits }: EvidenceInterval,
  alpha: number,
): number | undefined {
  if (metric.spec.kind === "rare" || metric.builtIn) return undefined;
  const { tolerance } = metric;
  const tolerated =
    tolerance.kind === "absolute" ? tolerance.value : tolerance.value * (seen.mean.control ?? 0);
  const found = (oneSidedMultiplier(nEff, HARM_N_STAR, alpha) + FOUR_OF_FIVE) * se;
  const size = Math.abs(inUnits(metric.direction === "lower" ? found : -found)) + Math.abs(tolerated);
  return Number.isFinite(size) ? size : undefined;
}

/** Over this part of its boundary the score that stopped a run was not picked by stopping. */
const OVERSHOOT = 1.1;

/** Of the metric that the promotion waited for: the estimate that is too large as often as too small. */
function unbiased(
  { metric, seen, claim, left }: Line,
  { inUnits }: EvidenceInterval,
  { information, attempt, promoteBy }: Look,
): number | undefined {
  if (promoteBy !== "group_sequential" || claim?.state !== "met" || claim.z === null || !claim.boundary)
    return undefined;
  if (claim.z > OVERSHOOT * claim.boundary || metric.claim === "limit" || metric.claim === "harmless")
    return undefined;
  const margin = metric.claim === "superior" ? undefined : (left?.margin ?? metric.margin);
  if (margin?.kind === "relative" && !seen.log) return undefined;
  const plain = contrast(seen.strata, 1, -1);
  if (!plain) return undefined;
  const found = medianUnbiased({ alpha: attemptAlpha(attempt), information, se: plain.se });
  if (!found.ok) return undefined;
  const accepted = margin === undefined ? 0 : seen.log ? Math.log1p(margin.value) : margin.value;
  const gain = found.effect - accepted;
  return inUnits(metric.direction === "higher" ? gain : -gain);
}

const FOUR_OF_FIVE = normalQuantile(0.8);

/** What a line needs to know of the look that it is of. */
export interface Look {
  readonly promotes: boolean;
  readonly maxUnits: number;
  readonly information: number;
  readonly attempt: number;
  readonly promoteBy: CanaryPolicy["promote_by"];
}

/** One metric's line as it is stored and shown. */
export function evidenceOf(line: Line, alpha: number, look: Look): Evidence {
  const { metric, seen, harm, claim, left, limit } = line;
  const { promotes, maxUnits } = look;
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
  const control = seen.mean.control ?? 0;
  const part = interval && control > 0 ? interval.diff / control : Number.NaN;
  const lift = Number.isFinite(part) ? part : undefined;
  const least = interval && harm.state !== "harm" ? smallestHarm(line, interval, alpha) : undefined;
  const fair = promotes && interval ? unbiased(line, interval, look) : undefined;
  const notes = [
    harm.note,
    least === undefined ? "" : `harm of ${difference(seen.kind, least).replace("+", "")} would have shown`,
    fair === undefined ? "" : `without the luck of stopping here: ${difference(seen.kind, fair)}`,
    left?.note ?? "",
  ];
  return {
    metric: metric.metric,
    role: metric.role,
    n: seen.n,
    mean: seen.mean,
    ...(seen.uncapped && { uncapped: seen.uncapped }),
    diff: interval?.diff ?? null,
    ci: interval?.ci ?? null,
    ...(lift !== undefined && { lift }),
    ...(interval && { pDifference: interval.p }),
    ...(fair !== undefined && { unbiased: fair }),
    ...(least !== undefined && { smallestHarm: least }),
    p: harm.p,
    alpha,
    z: claim?.z ?? null,
    boundary: claim?.boundary ?? null,
    verdict,
    claim: metric.claim,
    ...(step && { step }),
    ...(limit && { limit: limitSentence(metric, limit, maxUnits) }),
    note: notes.filter(Boolean).join("; "),
  };
}
