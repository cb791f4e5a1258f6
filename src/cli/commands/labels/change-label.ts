import type { LabelRequest } from "../../../client/requests.ts";
import { formatDuration } from "../../../domain/policy/quantity.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** Changes what is said of a label and prints what is so now. */
export async function changeLabel(
  context: CommandContext,
  label: string,
  change: LabelRequest,
): Promise<void> {
  const done = await withSluice(context, (sluice) => sluice.setLabel(label, change));
  const state = done.protected
    ? "is protected"
    : done.changed && change.protected === false
      ? "is no longer protected"
      : "is not protected";
  const before =
    done.from === null
      ? ""
      : `; it takes only what is live at ${done.from}${done.liveForMs > 0 ? ` for ${formatDuration(done.liveForMs)}` : ""}`;
  const moves = change.onDirectMove === undefined ? "" : `; a move without evidence: ${done.onDirectMove}`;
  context.output.result(done, () => [
    `${done.changed ? "" : "nothing to do: "}${done.label} ${state}${moves}${before}`,
  ]);
}
