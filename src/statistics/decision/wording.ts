import { percent as exactly } from "../../domain/text/percent.ts";
import { grouped as count, wordFor } from "../../domain/text/counted.ts";
import type { MetricKind } from "../../domain/policy/policy.ts";
import type { ByArm } from "./both-versions/arm-sums.ts";

export { count };

/** Numbers as they are read: four significant digits, rates in per cent. */

export function number(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toPrecision(3);
  return String(Number(value.toPrecision(size >= 1000 ? 6 : 4)));
}

export function percent(fraction: number): string {
  if (fraction > 0 && fraction < 1e-4) return "under 0.01 %";
  if (fraction > 0.9999 && fraction < 1) return "over 99.99 %";
  return exactly(fraction);
}

/** A metric's value: a rate in per cent, anything else as it is. */
export function amount(kind: MetricKind, value: number): string {
  return kind === "proportion" || kind === "rare" ? percent(value) : number(value);
}

/** A difference: rates in percentage points, sign shown. */
export function difference(kind: MetricKind, value: number): string {
  const sign = value > 0 ? "+" : "";
  if (kind === "proportion" || kind === "rare") return `${sign}${Number((value * 100).toPrecision(3))} pp`;
  return sign + number(value);
}

/** `3.61 against 4.02, over 412 and 405 units`. */
export function comparison(kind: MetricKind, mean: ByArm<number | null>, n: ByArm<number>): string {
  const side = (value: number | null) => (value === null ? "nothing" : amount(kind, value));
  return `${side(mean.candidate)} against ${side(mean.control)}, over ${count(n.candidate)} and ${count(n.control)} units`;
}

export function duration(ms: number): string {
  for (const [size, unit] of [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1000, "second"],
  ] as const)
    if (ms >= size) {
      const n = Number((ms / size).toPrecision(2));
      return `${n} ${wordFor(n, unit)}`;
    }
  return `${Math.round(ms)} ms`;
}

/** A p-value without false precision. */
export function pValue(p: number): string {
  return p < 0.0001 ? "p under 0.0001" : `p ${Number(p.toPrecision(2))}`;
}
