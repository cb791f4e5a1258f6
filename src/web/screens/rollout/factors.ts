import type { MetricCurve } from "../../../domain/shapes/curve.ts";
import type { Curve } from "../../chart/curve.ts";

type Column = readonly (number | null)[];

/**
 * What is rare, as how many times as often it happens, on a scale of factors and turned so that up is better. A claim
 * that allows so many points more is told as a factor of the current share, which keeps it on its side of its line.
 */
export function factorsOf(one: MetricCurve): Omit<Curve, "at"> {
  const up = (column: Column) =>
    column.map((ratio) => (ratio === null || !(ratio > 0) ? null : 0 - Math.log10(ratio)));
  const nothing = one.diff.map(() => null);
  const harm = one.harmScale === "ratio";
  const claimed = (column: Column): Column => {
    if (one.claimScale === "ratio") return column;
    if (one.claimScale !== "increase") return nothing;
    return column.map((increase, at) => {
      const share = one.current[at] ?? 0;
      return increase === null || share <= 0 ? null : 1 + increase / share;
    });
  };
  const estimate = one.new.map((share, at) => {
    const current = one.current[at] ?? null;
    if (share === null || current === null || share === 0 || current === 0) return null;
    return one.direction === "lower" ? share / current : current / share;
  });
  return {
    isFactor: true,
    estimate: up(estimate),
    best: harm ? up(one.bestCase) : nothing,
    harmLine: harm ? up(one.harmLine) : nothing,
    worst: up(claimed(one.worstCase)),
    claimLine: up(claimed(one.claimLine)),
  };
}
