import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { deadLetterLines } from "../../showing/dead-letter-lines.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"dead-letters show">): Promise<void> {
  const { output } = context;
  const letter = await withSluice(context, (sluice) => sluice.deadLetter(given.required(0)));
  output.result(letter, () => deadLetterLines(letter, output.width));
}
