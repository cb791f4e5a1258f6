import { assertPromptName } from "../../domain/names.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../../domain/scope.ts";
import { readUsage, type MetricUsage, type VersionUsage } from "../../storage/read/usage.ts";
import { requirePrompt } from "../../storage/read/version.ts";
import type { CommandArguments } from "../command-arguments.ts";
import type { CommandContext } from "../context.ts";
import type { Output } from "../output.ts";
import { parsePastTime } from "../past-time.ts";
import { reading } from "../store.ts";
import { clock, columns, figure, wrap } from "../text-layout.ts";

export async function run(context: CommandContext, given: CommandArguments): Promise<void> {
  const { output } = context;
  const scope = given.scope(assertPromptName(given.required(0)));
  const since = sinceOf(given.requiredText("since"));
  const versions = await reading(context, async (db) => {
    await requirePrompt(db, scope.prompt);
    return readUsage(db, { scope, since });
  });
  const { prompt, label } = scope;
  const result = {
    prompt,
    label,
    model: scope.model || null,
    tenant: scope.tenant || null,
    since: since.toISOString(),
    versions,
  };
  output.result(result, () => lines(scope, since, versions, output));
}

const HOUR_MS = 3_600_000;

/** The beginning of that hour: the record is kept by the hour. */
function sinceOf(text: string): Date {
  return new Date(Math.floor(parsePastTime(text, new Date()).getTime() / HOUR_MS) * HOUR_MS);
}

function lines(
  scope: ScopeColumns,
  since: Date,
  versions: readonly VersionUsage[],
  { width, paint }: Output,
): string[] {
  const head = wrap(`${describeScope(columnsScope(scope))}, since ${clock(since.toISOString())}`, width);
  if (versions.length === 0)
    return [
      ...head.map(paint.bold),
      ...wrap(
        "no outcome has been recorded; services record them with prompts.record, a person with sluice record",
        width,
      ),
    ];
  const executions = columns(
    [{ head: "version" }, { head: "executions", align: "right" }, { head: "last" }],
    versions.map((one) => [`@${one.version}`, count(one.executions), clock(one.lastHour)]),
    width,
  );
  const names = [...new Set(versions.flatMap(({ metrics }) => metrics.map(({ metric }) => metric)))].sort();
  return [
    ...head.map(paint.bold),
    "",
    ...executions,
    ...names.flatMap((name) => ["", ...metricLines(name, versions, width)]),
  ];
}

/** One metric, its versions under each other. */
function metricLines(name: string, versions: readonly VersionUsage[], width: number): string[] {
  const seen = versions.flatMap(({ version, metrics }): [number, MetricUsage][] => {
    const metric = metrics.find((one) => one.metric === name);
    return metric ? [[version, metric]] : [];
  });
  const refused = seen.some(([, metric]) => metric.refused > 0);
  return columns(
    [
      { head: name },
      { head: "n", align: "right" },
      { head: "mean", align: "right" },
      { head: "sd", align: "right" },
      { head: "p50", align: "right" },
      { head: "p95", align: "right" },
      ...(refused ? ([{ head: "refused", align: "right" }] as const) : []),
    ],
    seen.map(([version, metric]) => [
      `@${version}`,
      count(metric.n),
      metric.n === 0 ? "-" : figure(metric.mean),
      figure(metric.sd),
      figure(metric.p50),
      figure(metric.p95),
      ...(refused ? [count(metric.refused)] : []),
    ]),
    width,
  );
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
