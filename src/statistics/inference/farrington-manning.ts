import { normalTail } from "../distributions.ts";
import { finite, invalid, notEnoughData, type Result } from "../result.ts";
import type { Proportion } from "./two-proportion.ts";
import type { Arms } from "./welch.ts";

export interface FarringtonManningInput extends Arms<Proportion> {
  /**
   * What the candidate's risk must stay under: `difference`, the control's plus so much (0 up to 1);
   * `ratio`, so many times the control's (1 or more).
   */
  readonly against: { readonly form: "difference" | "ratio"; readonly value: number };
}

export interface FarringtonManning {
  /** The risks that are likeliest where the candidate's is exactly at the limit. */
  readonly candidateAtLimit: number;
  readonly controlAtLimit: number;
  /** Above 0: evidence that the risk is under the limit. 0 with a ratio and no event at all. */
  readonly z: number;
  /** One-sided p of the risk being at or over the limit. */
  readonly p: number;
}

/**
 * Is the candidate's risk under a limit? The score test of C. P. Farrington and G. Manning (Statistics in
 * Medicine 1990), its variance taken where the risk is at the limit, so that it is defined without any event.
 */
export function farringtonManning(input: FarringtonManningInput): Result<FarringtonManning> {
  const { candidate, control, against } = input;
  for (const { x, n } of [candidate, control]) {
    if (!(x >= 0 && x <= n) || !Number.isFinite(n)) return invalid(`${x} of ${n} is not a proportion`);
    if (n < 1) return notEnoughData("each arm needs a unit");
  }
  const { form, value } = against;
  if (form === "difference" ? !(value >= 0 && value < 1) : !(value >= 1 && Number.isFinite(value)))
    return invalid(`${value} is no ${form} to stay under`);
  return form === "difference" ? byDifference(input, value) : byRatio(input, value);
}

/** The likeliest risks with `p_T = p_C + d` solve a cubic; this is its root between 0 and 1. */
function byDifference({ candidate, control }: FarringtonManningInput, d: number): Result<FarringtonManning> {
  const [pT, pC] = [candidate.x / candidate.n, control.x / control.n];
  const theta = control.n / candidate.n;
  const a = 1 + theta;
  const b = -(1 + theta + pT + theta * pC + d * (theta + 2));
  const c = d * d + d * (2 * pT + theta + 1) + pT + theta * pC;
  const e = -pT * d * (1 + d);
  const shift = b / (3 * a);
  const v = shift ** 3 - (b * c) / (6 * a * a) + e / (2 * a);
  const u = (v < 0 ? -1 : 1) * Math.sqrt(Math.max(0, shift * shift - c / (3 * a)));
  const cosine = u === 0 ? 1 : Math.min(1, Math.max(-1, v / u ** 3));
  const root = 2 * u * Math.cos((Math.PI + Math.acos(cosine)) / 3) - shift;
  const atT = Math.min(1, Math.max(d, root));
  const atC = atT - d;
  const se = Math.sqrt((atT * (1 - atT)) / candidate.n + (atC * (1 - atC)) / control.n);
  return score(pC + d - pT, se, atT, atC);
}

/** The likeliest risks with `p_T = R p_C` solve a quadratic. */
function byRatio({ candidate, control }: FarringtonManningInput, ratio: number): Result<FarringtonManning> {
  const [pT, pC] = [candidate.x / candidate.n, control.x / control.n];
  const theta = control.n / candidate.n;
  const a = 1 + theta;
  const b = -(ratio * (1 + theta * pC) + theta + pT);
  const c = ratio * (pT + theta * pC);
  const atT = Math.max(0, (-b - Math.sqrt(Math.max(0, b * b - 4 * a * c))) / (2 * a));
  const atC = atT / ratio;
  const se = Math.sqrt((atT * (1 - atT)) / candidate.n + (ratio * ratio * atC * (1 - atC)) / control.n);
  return score(ratio * pC - pT, se, atT, atC);
}

function score(under: number, se: number, candidateAtLimit: number, controlAtLimit: number) {
  const z = se > 0 ? under / se : 0;
  return finite({ candidateAtLimit, controlAtLimit, z, p: normalTail(z) });
}
