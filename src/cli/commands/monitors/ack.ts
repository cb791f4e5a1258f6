import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"alerts ack">): Promise<void> {
  const { output } = context;
  const alert = await withSluice(context, (sluice) => sluice.acknowledgeAlert(given.required(0)));
  output.result(alert, () => [
    alert.acknowledgedBy === null
      ? `${alert.monitor} of ${alert.version} is over: ${alert.resolution ?? ""}`
      : `${alert.monitor} of ${alert.version} was taken on by ${alert.acknowledgedBy}`,
  ]);
}
