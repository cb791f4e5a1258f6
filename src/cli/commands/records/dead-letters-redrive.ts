import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"dead-letters redrive">): Promise<void> {
  const done = await withSluice(context, (sluice) => sluice.redriveDeadLetter(given.required(0)));
  context.output.result(done, () => [
    done.already ? `done before: ${done.resolution}` : `done: ${done.resolution}`,
  ]);
}
