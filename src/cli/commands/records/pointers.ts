import { assertPromptName } from "../../../domain/names.ts";
import type { ListedPointer, PastPointer } from "../../../domain/shapes/pointers.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import type { Output } from "../../../terminal/output.ts";
import { parsePastTime } from "../../parsing/past-time.ts";
import { withSluice } from "../../store.ts";
import { clock, columns, figure, type Column } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"pointers">): Promise<void> {
  const { output } = context;
  const name = given.optional(0);
  const prompt = name === undefined ? undefined : assertPromptName(name);
  const time = given.text("at");
  if (time !== undefined) {
    const at = parsePastTime(time, new Date());
    const past = await withSluice(context, (sluice) => sluice.pointersAt(at, prompt));
    output.result(past, () => pastLines(past, at, output));
    return;
  }
  const pointers = await withSluice(context, (sluice) => sluice.pointers(prompt));
  output.result(pointers, () => presentLines(pointers, output));
}

function presentLines(pointers: readonly ListedPointer[], { width }: Output): string[] {
  if (pointers.length === 0)
    return [
      "nothing is served yet; start a rollout (sluice rollout start NAME@N), or set one: sluice pointers set",
    ];
  return table(
    pointers,
    [{ head: "serves" }, { head: "also" }, { head: "revision", align: "right" }],
    (one) => [one.active ?? "(inherits)", alsoServed(one), String(one.revision)],
    width,
  );
}

function pastLines(past: readonly PastPointer[], at: Date, { width }: Output): string[] {
  const when = clock(at.toISOString());
  if (past.length === 0) return [`nothing was served at ${when}`];
  return [
    `at ${when}:`,
    ...table(
      past,
      [{ head: "served" }, { head: "also" }, { head: "since" }, { head: "by" }, { head: "why" }],
      (one) => [
        one.active ?? "(inherits)",
        one.candidate === null ? "" : `${one.candidate} to ${figure(one.share)} %`,
        one.since === null ? "" : clock(one.since),
        one.by ?? "",
        one.reason ?? "",
      ],
      width,
    ),
  ];
}

type Scoped = Pick<ListedPointer, "prompt" | "label" | "model" | "tenant">;

/** Model and tenant have a column only where some scope has one. */
function table<T extends Scoped>(
  rows: readonly T[],
  more: readonly Column[],
  cells: (row: T) => readonly string[],
  width: number,
): string[] {
  const model = rows.some((row) => row.model !== null);
  const tenant = rows.some((row) => row.tenant !== null);
  return columns(
    [
      { head: "prompt" },
      { head: "label" },
      ...(model ? [{ head: "model" }] : []),
      ...(tenant ? [{ head: "tenant" }] : []),
      ...more,
    ],
    rows.map((row) => [
      row.prompt ?? "(any)",
      row.label,
      ...(model ? [row.model ?? ""] : []),
      ...(tenant ? [row.tenant ?? ""] : []),
      ...cells(row),
    ]),
    width,
  );
}

function alsoServed({ mode, candidate, previous, share, leaseMs, rolloutId }: ListedPointer): string {
  const lapsed = leaseMs === 0 ? " (lease has run out: not served)" : "";
  if (mode === "canary") return `${candidate} to ${figure(share)} %${lapsed}`;
  if (mode === "holdback") return `${previous ?? "inherited"} to ${figure(share)} %, held back${lapsed}`;
  return rolloutId === null ? "" : "a rollout is under way";
}
