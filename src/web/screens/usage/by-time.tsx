import { value } from "../../../domain/plain/amounts.ts";
import { measureOf, titleOf } from "../../../domain/plain/names.ts";
import type { Usage, UsagePoint } from "../../../domain/shapes/usage.ts";
import { type Column, Table } from "../../parts/table.tsx";
import { asCsv } from "./as-csv.ts";

const NO_NAMES = { names: {} };
const MOST_COLUMNS = 5;
const MOST_ROWS = 60;

/** Each version in each hour or day, the newest first. */
export function ByTime({ usage, by }: { readonly usage: Usage; readonly by: "day" | "hour" }) {
  const { series = [] } = usage;
  const rows = series.toReversed();
  const names = [...new Set(series.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns: readonly Column<UsagePoint>[] = [
    { head: by === "hour" ? "Hour (UTC)" : "Day (UTC)", isName: true, cell: ({ from }) => written(from, by) },
    { head: "Version", cell: ({ version }) => `@${version}` },
    { head: "Calls", align: "right", cell: ({ executions }) => executions.toLocaleString("en") },
    ...names.slice(0, MOST_COLUMNS).map((metric): Column<UsagePoint> => {
      const measure = measureOf(metric, /^errors?$/i.test(metric) ? "rare" : "mean", NO_NAMES);
      return {
        head: titleOf(metric, NO_NAMES),
        align: "right",
        cell: ({ metrics }) => {
          const found = metrics[metric];
          return found ? value(found.mean, measure) : <span class="note">–</span>;
        },
      };
    }),
  ];
  return (
    <>
      <Table
        caption="Usage by time"
        columns={columns}
        rows={rows.slice(0, MOST_ROWS)}
        keyOf={({ version, from }) => `${from} ${version}`}
      />
      <p class="after-table">
        <button
          type="button"
          onClick={() => save(`usage-${usage.prompt.replaceAll("/", "-")}.csv`, asCsv(series, names))}
        >
          Download as CSV
        </button>
        {rows.length > MOST_ROWS && (
          <span class="note"> The newest {MOST_ROWS} are shown; the file has all of them.</span>
        )}
      </p>
    </>
  );
}

function written(from: string, by: "day" | "hour"): string {
  return by === "day" ? from.slice(0, 10) : from.slice(0, 16).replace("T", " ");
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
