import { counted } from "../../../domain/text/counted.ts";
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { invalidInput } from "../../../domain/errors.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { allowedSecret } from "../../parsing/allowed-secret.ts";
import { promptFilesIn } from "./prompt-files.ts";
import { withSluice } from "../../store.ts";

const DEFAULT_FOLDER = "prompts";

export async function run(context: CommandContext, given: Given<"push">): Promise<void> {
  const { output } = context;
  const paths = await promptFilesIn(pathsOf(given));
  const {
    results: pushed,
    lock,
    keptMetadata,
  } = await withSluice(context, (sluice) =>
    sluice.pushFiles(paths, {
      message: given.text("message"),
      base: given.text("base"),
      allowSecret: allowedSecret(given),
      emergency: given.text("emergency"),
      providersFile: context.config.providersFile,
    }),
  );
  if (lock && "problem" in lock) output.note(`the versions are pushed, but ${lock.problem}`);
  else if (lock?.isNew)
    output.note(
      `${relative(context.cwd, lock.path)} says from now on which version each file came from; commit it`,
    );
  for (const { prompt, version } of pushed)
    if (keptMetadata.includes(prompt))
      output.note(
        `${prompt}@${version} keeps the metadata that it was pushed with: metadata alone makes no version`,
      );
  for (const { prompt, archived } of pushed)
    if (archived)
      output.note(
        `${prompt} is archived: the version is kept, and rolled out only when the prompt is taken out again: sluice unarchive ${prompt} --reason …`,
      );
  for (const { path, prompt, findings } of pushed) {
    const isOneOfMany = pushed.some((other) => other.path === path && other.prompt !== prompt);
    const where = isOneOfMany ? `${path}: ${prompt}` : path;
    for (const { severity, message } of findings) output.note(`${severity}: ${where}: ${message}`);
  }
  output.result(pushed, () =>
    pushed.map(({ prompt, version, semver, created, tokens, tokensExact, path }) =>
      created
        ? `${prompt}@${version} (${semver}) created from ${path} (${tokensExact ? "" : "about "}${counted(tokens, "token")})`
        : `${prompt}@${version} unchanged (${path})`,
    ),
  );
}

function pathsOf(given: Given<"push">): readonly string[] {
  const paths = given.rest(0);
  if (paths.length > 0) return paths;
  if (existsSync(DEFAULT_FOLDER)) return [DEFAULT_FOLDER];
  throw invalidInput(
    `there is no ${DEFAULT_FOLDER}/ here; name prompt files (sluice push FILE…), or start with: sluice init`,
  );
}
