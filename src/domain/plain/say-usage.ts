import type { MetricUsage, VersionUsage } from "../shapes/usage.ts";
import { size, value } from "./amounts.ts";
import { measureOf } from "./names.ts";

const NO_NAMES = { names: {} };
/** In this order; what else is recorded is in the table. */
const TOLD: readonly RegExp[] = [
  /^ratings?$/i,
  /^latency(_ms)?$/i,
  /^(total_)?tokens$/i,
  /^cost(_usd)?$/i,
  /^errors?$/i,
];

type Used = Pick<VersionUsage, "version" | "executions" | "metrics">;

/** `4.12 (+0.07), 861 ms (+27 ms), 312 tokens (+38 tokens) a call`: what a version did, beside the one before. */
export function sayUsage(now: Used, before: Used | undefined): string {
  const parts = TOLD.flatMap((pattern) => {
    const metric = now.metrics.find((one) => pattern.test(one.metric) && one.n > 0);
    if (!metric) return [];
    const other = before?.metrics.find((one) => one.metric === metric.metric && one.n > 0);
    return [part(metric, other)];
  });
  return parts.join(", ");
}

function part(metric: MetricUsage, other: MetricUsage | undefined): string {
  const measure = measureOf(metric.metric, /^errors?$/i.test(metric.metric) ? "rare" : "mean", NO_NAMES);
  const title =
    measure.kind === "share" ? " errors" : measure.kind === "number" && measure.unit === null ? " rated" : "";
  const diff = other === undefined ? 0 : metric.mean - other.mean;
  const change =
    other === undefined
      ? ""
      : diff === 0
        ? " (the same)"
        : ` (${diff > 0 ? "+" : "−"}${size(Math.abs(diff), measure)})`;
  return `${value(metric.mean, measure)}${title}${change}`;
}
