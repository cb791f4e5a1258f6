import type { CommandSpec } from "../../parsing/command.ts";
import type { Given } from "../../parsing/given.ts";
import { completionWords } from "../../parsing/completion-words.ts";
import type { CommandContext } from "../../context.ts";

/** What the scripts of `sluice completion` call: a word a line, with its help after a tab; `:files` for files. */
export function completing(commands: readonly CommandSpec[]) {
  return async (context: CommandContext, given: Given<"complete">): Promise<void> => {
    const typed = given.rest(0);
    const { words, more } = completionWords(commands, typed);
    const lines = words.map(([word, help]) => (help ? `${word}\t${help}` : word));
    if (more === "file") lines.push(":files");
    if (more === "prompt") lines.push(...(await namesFromStore(context, typed.at(-1) ?? "")));
    // For a script, which takes them apart at the tabs; names are what a prompt may be called.
    if (lines.length > 0) context.output.raw(`${lines.join("\n")}\n`);
  };
}

/** Whoever presses Tab does not want to hear that the store is unreachable. */
async function namesFromStore(context: CommandContext, current: string): Promise<string[]> {
  try {
    const at = current.indexOf("@");
    const prompt = at === -1 ? undefined : current.slice(0, at);
    const names = context.config.server
      ? await namesOfServer(context, prompt)
      : await namesOfDatabase(context, prompt);
    return names.filter((name) => name.startsWith(current));
  } catch {
    return [];
  }
}

/** Prompts, or the versions of one. */
async function namesOfServer(context: CommandContext, prompt: string | undefined): Promise<string[]> {
  const { withSluice } = await import("../../store.ts");
  return withSluice(context, async (sluice) =>
    prompt === undefined
      ? (await sluice.list()).map((one) => one.prompt)
      : (await sluice.versions(prompt)).map(({ version }) => `${prompt}@${version}`).toReversed(),
  );
}

/** The same, without what else a list says. */
async function namesOfDatabase(context: CommandContext, prompt: string | undefined): Promise<string[]> {
  const [{ withOwnDatabase }, { promptNames, versionNames }] = await Promise.all([
    import("../../store.ts"),
    import("../../../storage/read/prompt-list.ts"),
  ]);
  return withOwnDatabase(context, (db) =>
    prompt === undefined ? promptNames(db) : versionNames(db, prompt),
  );
}
