import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { monitorLines } from "../../showing/monitor-lines.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"monitors show">): Promise<void> {
  const { output } = context;
  const monitor = await withSluice(context, (sluice) => sluice.monitor(given.required(0)));
  output.result(monitor, () => monitorLines(monitor, output.width));
}
