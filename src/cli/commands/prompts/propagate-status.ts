import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { propagationExitCode, propagationLines } from "../../showing/propagation.ts";
import { withSluice } from "../../store.ts";

/** What has become of the prompts that include a version. */
export async function run(context: CommandContext, given: Given<"propagate status">): Promise<number> {
  const found = await withSluice(context, (sluice) => sluice.propagation(given.required(0)));
  context.output.result(found, () => propagationLines(found, context.output));
  return found.endedAt === null ? 0 : propagationExitCode(found);
}
