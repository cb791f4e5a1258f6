import type { UsagePoint } from "../../../domain/shapes/usage.ts";

/** A line a version and time, a column a metric's mean; names that a spreadsheet would take for a formula are quoted. */
export function asCsv(series: readonly UsagePoint[], metrics: readonly string[]): string {
  const lines = series.map(({ from, version, executions, metrics: values }) => [
    from,
    String(version),
    String(executions),
    ...metrics.map((metric) => String(values[metric]?.mean ?? "")),
  ]);
  return [["from", "version", "calls", ...metrics], ...lines]
    .map((line) => `${line.map((field) => quoted(field)).join(",")}\r\n`)
    .join("");
}

function quoted(field: string): string {
  const safe = /^[=+@\t\r]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
