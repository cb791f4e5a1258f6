import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"dead-letters discard">): Promise<void> {
  const { output } = context;
  const reason = given.requiredText("reason");
  const letter = await withSluice(context, (sluice) =>
    sluice.discardDeadLetter(given.required(0), { reason }),
  );
  output.result(letter, () => [`discarded by ${letter.resolvedBy}: ${letter.resolution}`]);
}
