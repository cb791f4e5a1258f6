import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"trust remove">): Promise<void> {
  const removed = await withSluice(context, (sluice) => sluice.removeTrustRule(given.required(0)));
  context.output.result(removed, () => [`${removed.name}: nobody is let in by it any more`]);
}
