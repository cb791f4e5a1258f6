import { normalQuantile, normalTail } from "../distributions.ts";
import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";
import type { Arms } from "./welch.ts";

/** x of n units have the property. */
export interface Proportion {
  readonly x: number;
  readonly n: number;
}

export interface TwoProportion {
  /** candidate - control. */
  readonly diff: number;
  readonly zPooled: number;
  readonly pPooled: number;
  readonly zUnpooled: number;
  readonly pUnpooled: number;
  /** Wald interval at 1 - alpha. */
  readonly waldLow: number;
  readonly waldHigh: number;
  /** Newcombe's hybrid score interval (Statistics in Medicine 1998, method 10): the one to show. */
  readonly newcombeLow: number;
  readonly newcombeHigh: number;
  /** True with 5 successes and 5 failures in each arm: below that, the normal tests mislead. */
  readonly normal: boolean;
}

/** Two-sided tests of two proportions, for one look. Undefined when neither arm varies. */
export function twoProportion(arms: Arms<Proportion>, alpha = 0.05): Result<TwoProportion> {
  const problem = alphaProblem(alpha);
  if (problem) return problem;
  const { candidate: t, control: c } = arms;
  for (const { x, n } of [t, c]) {
    if (!(x >= 0 && x <= n) || !Number.isFinite(n)) return invalid(`${x} of ${n} is not a proportion`);
    if (n < 2) return notEnoughData("each arm needs at least two units");
  }
  const pT = t.x / t.n;
  const pC = c.x / c.n;
  const diff = pT - pC;
  const unpooled = Math.sqrt((pT * (1 - pT)) / t.n + (pC * (1 - pC)) / c.n);
  if (!(unpooled > 0)) return notEnoughData("neither arm varies");
  const both = (t.x + c.x) / (t.n + c.n);
  const pooled = Math.sqrt(both * (1 - both) * (1 / t.n + 1 / c.n));
  const z = -normalQuantile(alpha / 2);
  const wilsonT = wilson(t, z);
  const wilsonC = wilson(c, z);
  return finite({
    diff,
    zPooled: diff / pooled,
    pPooled: 2 * normalTail(Math.abs(diff / pooled)),
    zUnpooled: diff / unpooled,
    pUnpooled: 2 * normalTail(Math.abs(diff / unpooled)),
    waldLow: diff - z * unpooled,
    waldHigh: diff + z * unpooled,
    newcombeLow: diff - Math.hypot(pT - wilsonT.low, wilsonC.high - pC),
    newcombeHigh: diff + Math.hypot(wilsonT.high - pT, pC - wilsonC.low),
    normal: [t.x, t.n - t.x, c.x, c.n - c.x].every((count) => count >= 5),
  });
}

/** Wilson's score interval of one proportion (JASA 1927). */
function wilson({ x, n }: Proportion, z: number): { readonly low: number; readonly high: number } {
  const p = x / n;
  const centre = p + (z * z) / (2 * n);
  const reach = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return { low: Math.max(0, (centre - reach) / scale), high: Math.min(1, (centre + reach) / scale) };
}
