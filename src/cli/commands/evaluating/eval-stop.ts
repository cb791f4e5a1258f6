import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"eval stop">): Promise<void> {
  const reason = given.requiredText("reason");
  const stopped = await withSluice(context, (sluice) => sluice.stopEvaluation(given.required(0), { reason }));
  context.output.result(stopped, () => [
    `evaluation ${stopped.evaluationId} is stopped, without a verdict; its answers stay`,
  ]);
}
