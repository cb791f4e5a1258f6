import { setLabel } from "../../../use-cases/set-label.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { writing } from "../../store.ts";

/** Changes what is said of a label and prints what is so now. */
export async function changeLabel(
  context: CommandContext,
  change: Omit<Parameters<typeof setLabel>[1], "assertedActor">,
): Promise<void> {
  const assertedActor = actorOf(context);
  const done = await writing(context, (db) => setLabel(db, { ...change, assertedActor }));
  const state = done.protected
    ? "is protected"
    : done.changed && change.protected === false
      ? "is no longer protected"
      : "is not protected";
  const moves = change.onDirectMove === undefined ? "" : `; a move without evidence: ${done.onDirectMove}`;
  context.output.result(done, () => [
    `${done.changed ? "" : "nothing to do: "}${done.label} ${state}${moves}`,
  ]);
}
