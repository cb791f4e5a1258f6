import { size } from "../../../domain/plain/amounts.ts";
import { measureOf, titleOf } from "../../../domain/plain/names.ts";
import type { RolloutSetting } from "../../../domain/rollout/reading.ts";
import type { MetricCurve, RolloutCurve } from "../../../domain/shapes/curve.ts";
import type { Curve } from "../../chart/curve.ts";
import { figure } from "../../parts/numbers.ts";

type Column = readonly (number | null)[];

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

/** The curves of a rollout that are differences, the goal's first; what is counted in times as often is a table's. */
export function drawnCurves(
  found: RolloutCurve,
  setting: Pick<RolloutSetting, "names" | "users">,
  time: (iso: string) => string,
): DrawnCurve[] {
  const drawn = Object.entries(found.metrics).flatMap(([metric, one]) => {
    const isDrawn = one.harmScale === "difference" || one.claimScale === "difference";
    return isDrawn ? [drawnCurve(metric, one, found, setting, time)] : [];
  });
  return drawn.toSorted((a, b) => Number(b.role === "goal") - Number(a.role === "goal"));
}

function drawnCurve(
  metric: string,
  one: MetricCurve,
  { at, units }: RolloutCurve,
  setting: Pick<RolloutSetting, "names" | "users">,
  time: (iso: string) => string,
): DrawnCurve {
  const measure = measureOf(metric, one.kind, setting);
  const better = one.direction === "higher" ? 1 : -1;
  const turned = (column: Column) => column.map((value) => (value === null ? null : value * better));
  const write = (value: number) => {
    const own = value * better;
    return own === 0 ? "0" : `${own > 0 ? "+" : "−"}${size(Math.abs(own), measure)}`;
  };
  return {
    metric,
    title: titleOf(metric, setting),
    role: one.role,
    curve: {
      at: at.map((moment) => Date.parse(moment)),
      estimate: turned(one.diff),
      best: turned(one.harmScale === "difference" ? one.bestCase : at.map(() => null)),
      harmLine: turned(one.harmScale === "difference" ? one.harmLine : at.map(() => null)),
      worst: turned(one.claimScale === "difference" ? one.worstCase : at.map(() => null)),
      claimLine: turned(one.claimScale === "difference" ? one.claimLine : at.map(() => null)),
    },
    write,
    line(index) {
      const [now, current, diff] = [one.new[index], one.current[index], one.diff[index]];
      return [
        time(at[index] ?? ""),
        typeof now === "number" ? figure(now) : "–",
        typeof current === "number" ? figure(current) : "–",
        typeof diff === "number" ? write(diff * better) : "too few yet",
        `${(units.new[index] ?? 0).toLocaleString("en")} and ${(units.current[index] ?? 0).toLocaleString("en")}`,
      ];
    },
    sentence(index) {
      const [now, current, diff] = [one.new[index], one.current[index], one.diff[index]];
      const when = time(at[index] ?? "");
      const seen = `${(units.new[index] ?? 0).toLocaleString("en")} and ${(units.current[index] ?? 0).toLocaleString("en")} ${setting.users}`;
      if (typeof now !== "number" || typeof current !== "number" || typeof diff !== "number")
        return `${when}: too few yet; ${seen}.`;
      return `${when}: new ${figure(now)}, current ${figure(current)}, difference ${write(diff * better)}; ${seen}.`;
    },
  };
}
