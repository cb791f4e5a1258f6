import type { Evidence } from "../../domain/verdict.ts";
import { asymptoticSequence } from "../asymptotic-sequence.ts";
import { contrast } from "../stratified.ts";
import { HARM_N_STAR, MIN_VALUES } from "./harm.ts";
import { ledgerStep } from "./ledger.ts";
import type { Line } from "./line.ts";
import type { Observations } from "./observations.ts";
import { limitSentence } from "./rare-limit.ts";

/** The difference with its two-sided 95 % interval, valid at every look, in the metric's own unit; null without data. */
export function evidenceInterval(seen: Observations): { diff: number; ci: readonly [number, number] } | null {
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

/** One metric's line as it is stored and shown. */
export function evidenceOf(
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
