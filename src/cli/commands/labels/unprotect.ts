import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { changeLabel } from "./change-label.ts";

export async function run(context: CommandContext, given: Given<"labels unprotect">): Promise<void> {
  await changeLabel(context, given.required(0), {
    protected: false,
    reason: given.requiredText("reason"),
  });
}
