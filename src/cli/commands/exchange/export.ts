import { stringify } from "yaml";
import { counted } from "../../../domain/text/counted.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { writePromptFiles } from "../../../files/write-prompt-files.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"export">): Promise<void> {
  const { output } = context;
  const folder = given.text("to");
  const overwrite = given.flag("overwrite");
  if (overwrite && folder === undefined) throw invalidInput("--overwrite goes with --to, which writes files");
  const isNewest = given.flag("newest") || folder !== undefined;
  const exported = await withSluice(context, (sluice) =>
    sluice.exportPrompts({
      prompts: given.rest(0),
      versions: isNewest ? "newest" : "all",
      live: given.text("live"),
    }),
  );
  if (folder === undefined) {
    output.fileResult(exported, () => exported.map((version) => `${JSON.stringify(version)}\n`).join(""));
    return;
  }
  const files = exported.map(({ prompt, version, sha256, file }) => ({
    prompt,
    version,
    sha256,
    text: stringify(file, { lineWidth: 0 }),
  }));
  const written = await writePromptFiles(folder, files, overwrite);
  output.result(written, () => [
    ...written.map(
      (one) => `${one.prompt}@${one.version} ${one.written ? "written to" : "is there in"} ${one.path}`,
    ),
    `${counted(written.length, "prompt file")} in ${folder}`,
  ]);
}
