import { invalidInput } from "../../../domain/errors.ts";
import type { SessionsOf } from "../../../domain/shapes/sessions.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"sessions end">): Promise<void> {
  const of = readWhich(given);
  const ended = await withSluice(context, (sluice) => sluice.endSessions(of));
  context.output.result(ended, () => ended.map(({ id, name }) => `session ${id} of ${name} is over`));
}

function readWhich(given: Given<"sessions end">): SessionsOf {
  const id = given.optional(0);
  const name = given.text("allOf");
  if (id !== undefined && name === undefined) return { id };
  if (name !== undefined && id === undefined) return { name };
  throw invalidInput(
    "name one session by its id, or all of one person with --all-of WHO; see: sluice sessions list",
  );
}
