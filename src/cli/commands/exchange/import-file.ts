import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { runImport } from "./run-import.ts";

export async function run(context: CommandContext, given: Given<"import file">): Promise<number> {
  return runImport(context, given, { file: given.required(0) });
}
