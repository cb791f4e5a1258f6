import { value } from "../../../domain/plain/amounts.ts";
import { measureOf, titleOf } from "../../../domain/plain/names.ts";
import type { Usage, UsagePoint } from "../../../domain/shapes/usage.ts";
import type { ChartMark } from "../../chart/curve.ts";
import type { LinesChartProps } from "../../chart/lines-chart.tsx";
import { figure } from "../../parts/numbers.ts";

export const MOST_LINES = 5;
const NO_NAMES = { names: {} };
/** What is drawn, in this order, where it was recorded. */
const DRAWN: readonly RegExp[] = [
  /^(.*_)?ratings?$/i,
  /^latency(_ms)?$/i,
  /^(total_)?tokens$/i,
  /^cost(_usd)?$/i,
];

type Drawn = Omit<LinesChartProps, "time"> & { readonly key: string };

/** What is drawn of these versions: calls, and each of a few metrics. */
export function usageLines({ series = [], versions }: Usage, shown: readonly number[], by: string): Drawn[] {
  const at = [...new Set(series.map(({ from }) => Date.parse(from)))].toSorted((a, b) => a - b);
  const pointsOf = (version: number) =>
    new Map(series.filter((one) => one.version === version).map((one) => [Date.parse(one.from), one]));
  const lines = (of: (point: UsagePoint) => number | null | undefined, isPale = false) =>
    shown.map((version, style) => {
      const points = pointsOf(version);
      const values = at.map((moment) => {
        const point = points.get(moment);
        return point ? (of(point) ?? null) : null;
      });
      return { name: `@${version}`, style, values, isPale };
    });
  const withValues = (all: ReturnType<typeof lines>) =>
    all.filter(({ values }) => values.some((one) => one !== null));
  const calls = withValues(lines(({ executions }) => executions));
  const drawn: Drawn[] = [
    {
      key: "calls",
      title: `Calls ${by === "hour" ? "an hour" : "a day"}`,
      summary: summaryOf("Calls", calls, figure),
      at,
      lines: calls,
      write: (tick) => onAxis(tick, false),
      say: (value) => value.toLocaleString("en"),
      fromZero: true,
    },
  ];
  const names = [...new Set(versions.flatMap(({ metrics }) => metrics.map(({ metric }) => metric)))];
  for (const pattern of DRAWN) {
    const metric = names.find((name) => pattern.test(name));
    if (metric === undefined) continue;
    const measure = measureOf(metric, "mean", NO_NAMES);
    const isTime = /^latency/i.test(metric);
    const mean = withValues(lines(({ metrics }) => (isTime ? metrics[metric]?.p50 : metrics[metric]?.mean)));
    const slow = isTime ? withValues(lines(({ metrics }) => metrics[metric]?.p95, true)) : [];
    if (mean.length === 0) continue;
    const title = titleOf(metric, NO_NAMES);
    const unit =
      measure.kind === "number" && measure.unit !== null && measure.unit !== "tokens"
        ? `, ${measure.unit}`
        : "";
    const write = (one: number) => value(one, measure);
    drawn.push({
      key: metric,
      title: isTime ? `${title}${unit}: half are faster; in pale, 95 of 100` : `${title}${unit}`,
      summary: summaryOf(title, mean, write),
      at,
      lines: [...mean, ...slow],
      write: (tick) => onAxis(tick, measure.kind === "money"),
      say: write,
    });
  }
  return drawn;
}

/** As it stands at an axis: round values, whose unit the title says. */
function onAxis(tick: number, isMoney: boolean): string {
  const text = Number(tick.toPrecision(6)).toLocaleString("en", { maximumFractionDigits: 6 });
  return isMoney ? `$${text}` : text;
}

function summaryOf(title: string, lines: Drawn["lines"], write: (value: number) => string): string {
  const said = lines.map(({ name, values }) => {
    const known = values.filter((one) => one !== null);
    return `${name} from ${write(known[0] ?? 0)} to ${write(known.at(-1) ?? 0)}`;
  });
  return `${title}: ${said.join(", ")}.`;
}

const RELEASES = { released: "live", rolled_back: "back", moved: "live" } as const;

/** Where another version came to be served. */
export function releaseMarks({ releases = [] }: Usage): ChartMark[] {
  return releases.map(({ at, version, kind }) => ({
    at: Date.parse(at),
    text: `@${version} ${RELEASES[kind]}`,
  }));
}
