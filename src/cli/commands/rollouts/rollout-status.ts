import { statusOfScope } from "../../../storage/read/rollout-status.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";
import { versionName } from "../../../storage/read/version.ts";
import { reading } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"rollout status">): Promise<void> {
  const { output } = context;
  const reference = given.reference(0);
  const scope = given.scope(reference.prompt);
  const status = await reading(context, async (db) => {
    const found = await statusOfScope(db, scope);
    await refuseOtherVersion(db, reference, (version) => versionName(version) === found.candidate);
    return found;
  });
  output.result(status, () => renderStatus(status, output));
}
