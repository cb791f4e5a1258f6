import { assertPromptName } from "../../../domain/names.ts";
import { readSource } from "../../../domain/prompt/source-document.ts";
import { readNamedFile } from "../../../files/text-file.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { monitorTable, uncountedWarnings } from "../../showing/monitor-lines.ts";
import { withSluice } from "../../store.ts";

const MOST_BYTES = 100_000;

export async function run(context: CommandContext, given: Given<"monitors set">): Promise<void> {
  const { output } = context;
  const scope = given.scope(assertPromptName(given.required(0)));
  const file = given.requiredText("file");
  const { value: monitors } = readSource(
    await readNamedFile(file, "the monitors of a prompt", MOST_BYTES),
    file,
  );
  const set = await withSluice(context, (sluice) => sluice.setMonitors({ ...scope, monitors }));
  output.result(set, () => monitorTable(set, output.width));
  for (const warning of uncountedWarnings(set)) output.note(`warning: ${warning}`);
}
