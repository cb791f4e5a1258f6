import { statusOfScope } from "../../../storage/read/rollout-status.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { reading } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"rollout status">): Promise<void> {
  const { output } = context;
  const scope = given.scope(given.reference(0).prompt);
  const status = await reading(context, (db) => statusOfScope(db, scope));
  output.result(status, () => renderStatus(status, output));
}
