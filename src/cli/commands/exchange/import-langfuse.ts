import { requireLangfuse } from "../../../client/importing/langfuse-settings.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { runImport } from "./run-import.ts";

export async function run(context: CommandContext, given: Given<"import langfuse">): Promise<number> {
  const file = given.optional(0);
  const from = file === undefined ? { langfuse: requireLangfuse(context.config.langfuse) } : { file };
  return runImport(context, given, from);
}
