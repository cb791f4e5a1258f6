import { setArchived } from "../../../use-cases/set-archived.ts";
import type { Given, RunCommand } from "../../parsing/given.ts";
import { actorOf } from "../../context.ts";
import { writing } from "../../store.ts";

/** `archive` and `unarchive`, which differ in one word. */
export function archiveCommand(archived: boolean): RunCommand<Given<"archive">> {
  return async (context, given) => {
    const reason = given.requiredText("reason");
    const done = await writing(context, (db) =>
      setArchived(db, { prompt: given.required(0), archived, reason, assertedActor: actorOf(context) }),
    );
    const state = archived ? "is archived" : done.changed ? "is no longer archived" : "is not archived";
    context.output.result(done, () => [`${done.changed ? "" : "nothing to do: "}${done.prompt} ${state}`]);
  };
}
