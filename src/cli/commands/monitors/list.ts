import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { monitorTable } from "../../showing/monitor-lines.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"monitors list">): Promise<number> {
  const { output } = context;
  const found = await withSluice(context, (sluice) => sluice.monitors({ prompt: given.optional(0) }));
  output.result(found, () =>
    found.monitors.length === 0
      ? ["nothing is watched: a worker begins within a minute once something is live"]
      : monitorTable(found.monitors, output.width),
  );
  return found.monitors.some(({ alertId }) => alertId !== null) ? EXIT.no : EXIT.yes;
}
