import type { MetricReading, RolloutSetting } from "../rollout/reading.ts";
import type { Measure } from "./amounts.ts";

/** What people call a metric, unless its policy says it. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [/^ratings?$/i, "Rating"],
  [/^latency(_ms|_s|_seconds)?$/i, "Answer time"],
  [/^time_to_first_token(_ms)?$/i, "Time to the first word"],
  [/^errors?$/i, "Errors"],
  [/^timeouts?$/i, "Time-outs"],
  [/^refusals?$/i, "Refusals"],
  [/^tokens$/i, "Tokens"],
  [/^cost(_usd)?$/i, "Cost"],
  [/^unanswered$/, "No answer"],
  [/^any_trouble$/, "Any trouble"],
  [/^exposures$/, "Fair split"],
];
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_ms$|^latency$/i, "ms"],
  [/_s$|_seconds$/i, "s"],
  [/(^|_)tokens$/i, "tokens"],
];
const MONEY = /(^|_)(cost|price|usd)(_usd)?$/i;
const OVER_CAP = / over cap$/;

type Names = Pick<RolloutSetting, "names">;

/** `Rating`, `Answer time`; of a metric that nobody has named its own name with spaces. */
export function titleOf(metric: string, { names }: Names): string {
  const capped = metric.replace(OVER_CAP, "");
  if (capped !== metric) return `${titleOf(capped, { names })} over the cap`;
  const title = names[metric]?.title ?? TITLES.find(([pattern]) => pattern.test(metric))?.[1];
  if (title !== undefined) return title;
  const words = metric.replaceAll(/[_.]+/g, " ").trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function measureOf(metric: string, kind: MetricReading["kind"], { names }: Names): Measure {
  if (kind === "rare" || kind === "proportion") return { kind: "share" };
  const unit = names[metric]?.unit ?? UNITS.find(([pattern]) => pattern.test(metric))?.[1];
  if (unit === "$" || unit?.toLowerCase() === "usd" || (unit === undefined && MONEY.test(metric)))
    return { kind: "money" };
  return { kind: "number", unit: unit ?? null };
}

/** What a difference for the worse and one for the better is called. */
export function comparatives(
  { direction }: Pick<MetricReading, "direction">,
  measure: Measure,
): { readonly worse: string; readonly better: string } {
  if (direction === "lower") {
    if (measure.kind === "money") return { worse: "more", better: "less" };
    if (measure.kind === "number" && /^(ms|s|seconds)$/.test(measure.unit ?? ""))
      return { worse: "slower", better: "faster" };
    if (measure.kind === "number" && measure.unit === "tokens") return { worse: "more", better: "fewer" };
  }
  return { worse: "worse", better: "better" };
}
