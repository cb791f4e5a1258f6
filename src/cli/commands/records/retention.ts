import { counted } from "../../../domain/text/counted.ts";
import { RETENTION, RETENTION_KINDS } from "../../../domain/retention.ts";
import type { RetentionReport, RetentionRun } from "../../../domain/shapes/retention.ts";
import { reportRetention } from "../../../use-cases/report-retention.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { withOwnDatabase } from "../../store.ts";
import { clock, columns, wrapAll } from "../../../terminal/text-layout.ts";

/** Counting reads each table to its end. */
const COUNTING_MS = 1_800_000;

/** Exit code 1 when the last run has left something undone. */
export async function run(context: CommandContext, given: Given<"retention">): Promise<number> {
  const { output, config } = context;
  const isCounting = given.flag("dryRun");
  const report = await withOwnDatabase(
    context,
    (db) => reportRetention(db, config.retention, { isCounting }),
    isCounting ? { queryTimeoutMs: COUNTING_MS } : {},
  );
  const { width } = output;
  output.result(report, () => [
    ...periodsOf(report, width),
    "",
    ...tablesOf(report, isCounting, width),
    "",
    ...wrapAll(width, lastOf(report)),
  ]);
  return Object.keys(report.last?.problems ?? {}).length > 0 ? EXIT.no : EXIT.yes;
}

function periodsOf({ periods }: RetentionReport, width: number): string[] {
  return columns(
    [{ head: "kind" }, { head: "kept for" }, { head: "what it is" }],
    RETENTION_KINDS.map((kind) => [kind, daysOf(periods[kind]), RETENTION[kind].is]),
    width,
  );
}

function daysOf(days: number | null): string {
  return days === null ? "ever" : counted(days, "day");
}

function tablesOf({ tables }: RetentionReport, isCounting: boolean, width: number): string[] {
  return columns(
    [
      { head: "table" },
      { head: "kind" },
      { head: "size", align: "right" },
      ...(isCounting ? [{ head: "would go now", align: "right" } as const] : []),
    ],
    tables.map(({ table, kind, bytes, expired }) => [
      table,
      kind,
      megabytes(bytes),
      ...(isCounting ? [counted(expired ?? 0, "row")] : []),
    ]),
    width,
  );
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function lastOf({ last, periods }: RetentionReport): string[] {
  if (last === null) return ["nothing has been removed yet: workers have Temporal do it once a day"];
  const went = Object.entries(last.removed).filter(([, rows]) => rows > 0);
  return [
    `${beginningOf(last)}: ${went.length === 0 ? "nothing had had its time" : went.map(([table, rows]) => `${counted(rows, "row")} of ${table}`).join(", ")}`,
    ...Object.entries(last.problems).map(([table, why]) => `${table} was left as it is: ${why}`),
    ...RETENTION_KINDS.filter((kind) => last.periods[kind] !== periods[kind]).map(
      (kind) =>
        `its worker keeps ${kind} for ${daysOf(last.periods[kind] ?? null)}: set SLUICE_RETENTION for workers and commands alike`,
    ),
  ];
}

function beginningOf({ startedAt, endedAt }: RetentionRun): string {
  return endedAt === null ? `a run began ${clock(startedAt)} and is not over` : `last run ${clock(endedAt)}`;
}
