import type { MonitorSpec } from "../monitors/monitor.ts";
import { formatDuration } from "../policy/quantity.ts";
import { counted } from "../text/counted.ts";
import { percent } from "../text/percent.ts";

/** What a monitor looks at, in one sentence. */
export function sayMonitor(spec: MonitorSpec): string {
  if (spec.kind === "cost")
    return `What calls cost in a day of UTC: told at ${spec.at.map((part) => percent(part)).join(", ")} of $${spec.per_day_usd}.${spec.stop ? " Once it is spent, calls are refused, or go to a cheaper fallback, until 00:00 UTC." : ""}`;
  if (spec.kind === "regate")
    return `Its tests are asked again every ${formatDuration(spec.every_ms)} from ${timeOf(spec.at_minutes)} UTC on, for $${spec.max_cost_usd} at most; told where the pass rate falls by more than ${percent(spec.margin)}.${afterAnAlert(spec)}`;
  if (spec.kind === "silent")
    return `Whether calls still come: told where ${counted(spec.hours, "hour")} in a row had at most a tenth of the fewest that they had on any comparable day of two weeks, while others go on.`;
  const { metric, tolerate, limit } = spec;
  const more = tolerate > 0 ? `, ${percent(tolerate)} more is nothing yet` : "";
  const most = limit === undefined ? "" : `; above ${percent(limit)} whatever was usual`;
  return `${counts(spec.counting, metric)}${more}${most}.`;
}

function afterAnAlert({ triage, action }: Extract<MonitorSpec, { kind: "regate" }>): string {
  if (triage === false) return "";
  return ` When an alert opens they are asked at once, of the version before, too${
    action === "rollback" ? ", and it is rolled back where the live version alone has got worse" : ""
  }.`;
}

function counts(counting: Extract<MonitorSpec, { kind: "rate" }>["counting"], metric: string): string {
  switch (counting.values) {
    case "above":
      return `The share of calls with ${metric}${counting.value === 0 ? "" : ` above ${counting.value}`}`;
    case "at_most":
      return `The share of calls with ${metric} of ${counting.value} or less`;
    case "above_usual":
      return `The share of calls whose ${metric} is above what 95 % of them had`;
    case "grown":
      return `The share of calls whose ${metric} is more than ${percent(counting.by)} above the middle`;
  }
}

function timeOf(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const TITLES: Readonly<Record<string, string>> = {
  errors: "Calls without an answer",
  refusals: "Answers that are refusals",
  format: "Answers of the wrong form",
  truncated: "Answers that are cut off",
  slow: "Slow answers",
  costly: "Costly calls",
  tokens: "Long requests",
  regate: "Its tests, asked again",
  silent: "Calls that have stopped",
};

/** What people call a monitor; its name where somebody has set it. */
export function titleOf(name: string): string {
  return TITLES[name] ?? name;
}
