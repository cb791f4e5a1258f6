import { counted } from "../../domain/text/counted.ts";
import { variance, type Moments } from "../moments.ts";
import { finite, invalid, notEnoughData, type Result } from "../result.ts";
import type { Arms } from "./welch.ts";

/** An arm's units, and the moments of the values that some of them gave. */
export interface Answers {
  readonly units: number;
  readonly values: Moments;
}

export interface LeeBoundsInput extends Arms<Answers> {
  /** True where every value is 0 or 1: the bounds are then exact. */
  readonly binary: boolean;
}

export interface LeeBounds {
  /** Part of the units that gave a value. */
  readonly answeredCandidate: number;
  readonly answeredControl: number;
  /** Part of the answers of the arm that answers more, which the other arm's like have not given. */
  readonly trimmed: number;
  /** candidate - control among those who would answer either way: at least, and at most. */
  readonly low: number;
  readonly high: number;
}

/**
 * How far a difference may come from who answers: D. S. Lee's trimming bounds (Review of Economic Studies
 * 2009). The arm that answers more has answers that the other's like do not give; they may be its best or its
 * worst. Trimming a share q moves a mean by at most `sd sqrt(q/(1-q))`; of 0/1 values it leaves `p/(1-q)` or
 * `(p-q)/(1-q)`, between 0 and 1.
 */
export function leeBounds(input: LeeBoundsInput): Result<LeeBounds> {
  const { candidate, control, binary } = input;
  for (const { units, values } of [candidate, control]) {
    if (!(values.n >= 0 && values.n <= units) || !Number.isFinite(units))
      return invalid(`${values.n} answers of ${counted(units, "unit")} cannot be`);
    if (values.n < 2) return notEnoughData("each arm needs two answers");
  }
  const answeredCandidate = candidate.values.n / candidate.units;
  const answeredControl = control.values.n / control.units;
  const more = answeredCandidate >= answeredControl ? candidate : control;
  const trimmed = 1 - Math.min(answeredCandidate, answeredControl) / (more.values.n / more.units);
  const [least, most] = trim(more.values, trimmed, binary);
  const other = more === candidate ? control.values.mean : candidate.values.mean;
  return finite({
    answeredCandidate,
    answeredControl,
    trimmed,
    low: more === candidate ? least - other : other - most,
    high: more === candidate ? most - other : other - least,
  });
}

/** The mean of what is left when a share q has been taken away: at least, and at most. */
function trim(values: Moments, q: number, binary: boolean): readonly [number, number] {
  const { mean } = values;
  if (binary) return [Math.max(0, (mean - q) / (1 - q)), Math.min(1, mean / (1 - q))];
  const reach = Math.sqrt((variance(values) * q) / (1 - q));
  return [mean - reach, mean + reach];
}
