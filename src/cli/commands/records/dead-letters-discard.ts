import { discardDeadLetter } from "../../../use-cases/discard-dead-letter.ts";
import type { Given } from "../../parsing/given.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { writing } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"dead-letters discard">): Promise<void> {
  const { output } = context;
  const reason = given.requiredText("reason");
  const letter = await writing(context, (db) =>
    discardDeadLetter(db, { id: given.required(0), by: actorOf(context), reason }),
  );
  output.result(letter, () => [`discarded by ${letter.resolvedBy}: ${letter.resolution}`]);
}
