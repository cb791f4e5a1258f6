import { parseDuration } from "../../../domain/policy/quantity.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { clock } from "../../../terminal/text-layout.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"monitors mute">): Promise<void> {
  const { output } = context;
  const forMs = parseDuration(given.requiredText("for"));
  if (forMs === undefined) throw invalidInput("--for must be a duration, as in 2h or 7d", { option: "for" });
  const monitor = await withSluice(context, (sluice) => sluice.muteMonitor(given.required(0), { forMs }));
  output.result(monitor, () => [
    monitor.mutedUntil === null
      ? `${monitor.name} of ${monitor.prompt} rings`
      : `${monitor.name} of ${monitor.prompt} is muted until ${clock(monitor.mutedUntil)}`,
  ]);
}
