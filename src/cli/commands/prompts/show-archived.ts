import type { Sluice } from "../../../client/sluice.ts";
import type { ArchivedPrompt } from "../../../domain/shapes/prompts.ts";
import { withSluice } from "../../store.ts";
import type { CommandContext } from "../../context.ts";

/** What `archive` and `unarchive` have come to. */
export async function showArchived(
  context: CommandContext,
  change: (sluice: Sluice) => Promise<ArchivedPrompt>,
): Promise<void> {
  const done = await withSluice(context, change);
  const state = done.archived ? "is archived" : done.changed ? "is no longer archived" : "is not archived";
  context.output.result(done, () => [`${done.changed ? "" : "nothing to do: "}${done.prompt} ${state}`]);
}
