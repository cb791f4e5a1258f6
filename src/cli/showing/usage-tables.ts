import { grouped as count } from "../../domain/text/counted.ts";
import type { MetricUsage, VersionUsage } from "../../domain/shapes/usage.ts";
import { clock, columns, figure } from "../../terminal/text-layout.ts";

/** All versions under each other, a table a metric. */
export function usageTables(versions: readonly VersionUsage[], width: number): string[] {
  const executions = columns(
    [{ head: "version" }, { head: "status" }, { head: "executions", align: "right" }, { head: "last" }],
    versions.map((one) => [`@${one.version}`, one.status, count(one.executions), clock(one.lastHour)]),
    width,
  );
  return [
    "",
    ...executions,
    ...metricNames(versions).flatMap((name) => ["", ...metricLines(name, versions, width)]),
  ];
}

/** Few versions beside each other, a row a figure. */
export function comparedUsage(versions: readonly VersionUsage[], width: number): string[] {
  const row = (name: string, cell: (version: VersionUsage) => string) => [name, ...versions.map(cell)];
  const rows = [
    row("status", ({ status }) => status),
    row("executions", ({ executions }) => count(executions)),
    ...metricNames(versions).flatMap((name) => {
      const figures: [string, (metric: MetricUsage) => string][] = [
        ["mean", ({ n, mean }) => (n === 0 ? "-" : figure(mean))],
        ["p50", ({ p50 }) => figure(p50)],
        ["p95", ({ p95 }) => figure(p95)],
        ["sum", ({ sum }) => figure(sum)],
        ["n", ({ n }) => count(n)],
      ];
      const spread = versions.some((version) => metricOf(version, name)?.distribution);
      if (spread) figures.push(["values", (metric) => distributionText(metric)]);
      return figures.map(([of, cell]) =>
        row(`${name} ${of}`, (version) => {
          const metric = metricOf(version, name);
          return metric ? cell(metric) : "-";
        }),
      );
    }),
  ];
  return [
    "",
    ...columns(
      [{ head: "" }, ...versions.map(({ version }) => ({ head: `@${version}`, align: "right" as const }))],
      rows,
      width,
    ),
  ];
}

function metricNames(versions: readonly VersionUsage[]): string[] {
  return [...new Set(versions.flatMap(({ metrics }) => metrics.map(({ metric }) => metric)))].sort();
}

function metricOf({ metrics }: VersionUsage, name: string): MetricUsage | undefined {
  return metrics.find(({ metric }) => metric === name);
}

function metricLines(name: string, versions: readonly VersionUsage[], width: number): string[] {
  const seen = versions.flatMap((version): [number, MetricUsage][] => {
    const metric = metricOf(version, name);
    return metric ? [[version.version, metric]] : [];
  });
  const refused = seen.some(([, metric]) => metric.refused > 0);
  const spread = seen.some(([, metric]) => metric.distribution !== null);
  return columns(
    [
      { head: name },
      { head: "n", align: "right" },
      { head: "mean", align: "right" },
      { head: "sd", align: "right" },
      { head: "p50", align: "right" },
      { head: "p95", align: "right" },
      { head: "sum", align: "right" },
      ...(refused ? ([{ head: "refused", align: "right" }] as const) : []),
      ...(spread ? [{ head: "values" }] : []),
    ],
    seen.map(([version, metric]) => [
      `@${version}`,
      count(metric.n),
      metric.n === 0 ? "-" : figure(metric.mean),
      figure(metric.sd),
      figure(metric.p50),
      figure(metric.p95),
      metric.n === 0 ? "-" : figure(metric.sum),
      ...(refused ? [count(metric.refused)] : []),
      ...(spread ? [distributionText(metric)] : []),
    ]),
    width,
  );
}

/** `1: 3, 4: 20, 5: 61`: each value with how many outcomes had it. */
function distributionText({ distribution }: MetricUsage): string {
  return distribution?.map(({ value, n }) => `${figure(value)}: ${count(n)}`).join(", ") ?? "";
}
