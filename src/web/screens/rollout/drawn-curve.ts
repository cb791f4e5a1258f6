import { size, times, value } from "../../../domain/plain/amounts.ts";
import { measureOf, titleOf } from "../../../domain/plain/names.ts";
import type { RolloutSetting } from "../../../domain/rollout/reading.ts";
import type { MetricCurve, RolloutCurve } from "../../../domain/shapes/curve.ts";
import type { Curve } from "../../chart/curve.ts";
import { figure } from "../../parts/numbers.ts";
import { factorsOf } from "./factors.ts";

type Column = readonly (number | null)[];

/** What the axis from left to right is. */
export const AXES = ["time", "users"] as const;
export type Axis = (typeof AXES)[number];

/** A metric's curve as it is drawn: up is better, and what it says is in the metric's own unit. */
export interface DrawnCurve {
  readonly metric: string;
  readonly title: string;
  readonly role: MetricCurve["role"];
  readonly curve: Curve;
  readonly write: (value: number) => string;
  readonly sentence: (index: number) => string;
  /** A look as a line of a table: when, new, current, the difference, users of both. */
  readonly line: (index: number) => readonly string[];
}

interface Drawing {
  readonly setting: Pick<RolloutSetting, "names" | "users">;
  readonly axis: Axis;
  readonly time: (iso: string) => string;
}

/** The curves of a rollout, the goal's first; of what is rare, how many times as often it happens. */
export function drawnCurves(found: RolloutCurve, drawing: Drawing): DrawnCurve[] {
  const drawn = Object.entries(found.metrics).flatMap(([metric, one]) => {
    const isDrawn = one.kind === "rare" || one.harmScale === "difference" || one.claimScale === "difference";
    return isDrawn ? [drawnCurve(metric, one, found, drawing)] : [];
  });
  return drawn.toSorted((a, b) => Number(b.role === "goal") - Number(a.role === "goal"));
}

/** Where each look is on the axis: in ms since 1970, or in users of the smaller group. */
export function placesOf({ at, units }: Pick<RolloutCurve, "at" | "units">, axis: Axis): number[] {
  if (axis === "time") return at.map((moment) => Date.parse(moment));
  return at.map((_, index) => Math.min(units.new[index] ?? 0, units.current[index] ?? 0));
}

function drawnCurve(
  metric: string,
  one: MetricCurve,
  found: RolloutCurve,
  { setting, axis, time }: Drawing,
): DrawnCurve {
  const { at, units } = found;
  const measure = measureOf(metric, one.kind, setting);
  const isRare = one.kind === "rare";
  const better = one.direction === "higher" ? 1 : -1;
  const differences = (values: number) => {
    const own = values * better;
    return own === 0 ? "0" : `${own > 0 ? "+" : "−"}${size(Math.abs(own), measure)}`;
  };
  const factor = (logarithm: number) => 10 ** (better * logarithm);
  const write = isRare ? (one: number) => `${Number(factor(one).toPrecision(2))} ×` : differences;
  const mean = (values: Column, index: number) => {
    const seen = values[index];
    if (typeof seen !== "number") return undefined;
    return measure.kind === "share" ? value(seen, measure) : figure(seen);
  };
  const curve: Curve = {
    at: placesOf(found, axis),
    ...(isRare ? factorsOf(one) : differencesOf(one, better)),
  };
  const compared = (index: number) => {
    const estimate = curve.estimate[index] ?? null;
    if (estimate === null) return undefined;
    return isRare ? `${times(factor(estimate))} as often` : `difference ${differences(estimate)}`;
  };
  const people = (index: number) =>
    `${(units.new[index] ?? 0).toLocaleString("en")} and ${(units.current[index] ?? 0).toLocaleString("en")}`;
  return {
    metric,
    title: titleOf(metric, setting),
    role: one.role,
    curve,
    write,
    line(index) {
      const diff = one.diff[index];
      const none = isRare ? "–" : "too few yet";
      return [
        time(at[index] ?? ""),
        mean(one.new, index) ?? "–",
        mean(one.current, index) ?? "–",
        (isRare ? compared(index) : typeof diff === "number" ? differences(diff * better) : undefined) ??
          none,
        people(index),
      ];
    },
    sentence(index) {
      const [now, current] = [mean(one.new, index), mean(one.current, index)];
      const said = compared(index);
      const [when, seen] = [time(at[index] ?? ""), `${people(index)} ${setting.users}`];
      if (now === undefined || current === undefined) return `${when}: too few yet; ${seen}.`;
      if (said === undefined && !isRare) return `${when}: too few yet; ${seen}.`;
      return `${when}: new ${now}, current ${current}${said === undefined ? "" : `, ${said}`}; ${seen}.`;
    },
  };
}

/** New less current, turned so that up is better; what is told in another scale is not drawn. */
function differencesOf(one: MetricCurve, better: 1 | -1): Omit<Curve, "at"> {
  const turned = (column: Column) => column.map((seen) => (seen === null ? null : seen * better));
  const nothing = one.diff.map(() => null);
  const [harm, claim] = [one.harmScale === "difference", one.claimScale === "difference"];
  return {
    estimate: turned(one.diff),
    best: harm ? turned(one.bestCase) : nothing,
    harmLine: harm ? turned(one.harmLine) : nothing,
    worst: claim ? turned(one.worstCase) : nothing,
    claimLine: claim ? turned(one.claimLine) : nothing,
  };
}
