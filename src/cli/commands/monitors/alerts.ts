import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { alertLines } from "../../showing/monitor-lines.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"alerts">): Promise<number> {
  const { output } = context;
  const all = given.flag("all");
  const alerts = await withSluice(context, (sluice) => sluice.alerts({ prompt: given.optional(0), all }));
  output.result(alerts, () =>
    alerts.length === 0 ? [all ? "no alerts" : "no open alerts"] : alertLines(alerts, output.width),
  );
  return alerts.some(({ resolvedAt }) => resolvedAt === null) ? EXIT.no : EXIT.yes;
}
