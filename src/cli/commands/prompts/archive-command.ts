import type { Given, RunCommand } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

/** `archive` and `unarchive`, which differ in one word. */
export function archiveCommand(name: "archive" | "unarchive"): RunCommand<Given<"archive">> {
  return async (context, given) => {
    const reason = given.requiredText("reason");
    const done = await withSluice(context, (sluice) => sluice[name](given.required(0), { reason }));
    const state = done.archived ? "is archived" : done.changed ? "is no longer archived" : "is not archived";
    context.output.result(done, () => [`${done.changed ? "" : "nothing to do: "}${done.prompt} ${state}`]);
  };
}
