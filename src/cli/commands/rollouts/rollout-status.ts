import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"rollout status">): Promise<void> {
  const { output } = context;
  const status = await withSluice(context, (sluice) => sluice.status(given.rollout(0)));
  output.result(status, () => renderStatus(status, output));
}
