import { finite, invalid, notEnoughData, type Result } from "../result.ts";
import type { Arms } from "./welch.ts";

/** Sums over units of the metric y, its value x from before the experiment, and their products. */
export interface PairedSums {
  readonly n: number;
  readonly y: number;
  readonly x: number;
  readonly yy: number;
  readonly xx: number;
  readonly xy: number;
}

export interface Cuped {
  /** The coefficient taken off: y - θ (x - mean x). */
  readonly theta: number;
  /** candidate - control of the adjusted metric. */
  readonly diff: number;
  readonly se: number;
  readonly z: number;
  /** Part of the variance of the difference that the adjustment removes. */
  readonly varianceReduction: number;
}

/**
 * Takes out what a unit's past explains (Deng, Xu, Kohavi & Walker, WSDM 2013). x must be from before the
 * unit's exposure, or it takes out the effect itself. θ is the regression coefficient
 * of y on x over both arms together.
 */
export function cuped(arms: Arms<PairedSums>): Result<Cuped> {
  const { candidate, control } = arms;
  for (const arm of [candidate, control]) {
    if (!Object.values(arm).every((value) => Number.isFinite(value)))
      return invalid("every sum must be finite");
    if (arm.n < 2) return notEnoughData("each arm needs at least two units");
  }
  const t = centred(candidate);
  const c = centred(control);
  const both = centred(together(candidate, control));
  if (!(both.xx > 0)) return notEnoughData("the past value does not vary");
  const theta = both.xy / both.xx;
  const adjusted = (arm: ReturnType<typeof centred>) =>
    (arm.yy - 2 * theta * arm.xy + theta * theta * arm.xx) / (arm.n - 1) / arm.n;
  const plain = t.yy / (t.n - 1) / t.n + c.yy / (c.n - 1) / c.n;
  const left = adjusted(t) + adjusted(c);
  if (!(left > 0)) return notEnoughData("nothing varies once the past is taken out");
  const se = Math.sqrt(left);
  const diff = t.meanY - c.meanY - theta * (t.meanX - c.meanX);
  return finite({ theta, diff, se, z: diff / se, varianceReduction: 1 - left / plain });
}

function centred({ n, y, x, yy, xx, xy }: PairedSums) {
  return { n, meanY: y / n, meanX: x / n, yy: yy - (y * y) / n, xx: xx - (x * x) / n, xy: xy - (x * y) / n };
}

function together(a: PairedSums, b: PairedSums): PairedSums {
  return { n: a.n + b.n, y: a.y + b.y, x: a.x + b.x, yy: a.yy + b.yy, xx: a.xx + b.xx, xy: a.xy + b.xy };
}
