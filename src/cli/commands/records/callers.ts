import { assertPromptName } from "../../../domain/names.ts";
import type { Caller, CallerValue } from "../../../domain/shapes/callers.ts";
import { counted, grouped } from "../../../domain/text/counted.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { clock, columns, wrapAll } from "../../../terminal/text-layout.ts";

/** Who calls a prompt, and with what. */
export async function run(context: CommandContext, given: Given<"callers">): Promise<void> {
  const { output } = context;
  const request = {
    prompt: assertPromptName(given.required(0)),
    label: given.text("label"),
    days: given.integer("days", { min: 1, max: 90 })!,
  };
  const report = await withSluice(context, (sluice) => sluice.callers(request));
  output.result(report, () => {
    if (report.callers.length === 0)
      return wrapAll(output.width, [
        `no caller of ${report.prompt} is known from the last ${counted(report.days, "day")}`,
      ]);
    return report.callers.flatMap((caller, at) => [
      ...(at > 0 ? [""] : []),
      output.paint.bold(headOf(caller)),
      ...table(caller, output.width),
    ]);
  });
}

function headOf({ service, label, tenant, calls, lastSeen }: Caller): string {
  const whose = tenant === null ? "" : ` for tenant ${tenant}`;
  return `${service}${whose}: ${counted(calls, "call")} of ${label}, the last ${clock(lastSeen)}`;
}

function table({ calls, values }: Caller, width: number): string[] {
  if (values.length === 0) return ["  sends nothing"];
  return columns(
    [{ head: "sends" }, { head: "type" }, { head: "longest", align: "right" }, { head: "in" }],
    values.map((value) => [
      value.kind === "placeholder" ? `${value.name} (messages)` : value.name,
      value.types.join(", "),
      longestOf(value),
      value.always ? "every call" : `${Math.min(100, Math.round((100 * value.calls) / calls))} % of calls`,
    ]),
    width,
  );
}

function longestOf({ longest }: CallerValue): string {
  return longest === null || longest === 0 ? "-" : `up to ${grouped(longest)}`;
}
