import type { ArgumentSpec, CommandSpec, OptionSpec } from "./command.ts";
import { optionSpecsOf } from "./option-flags.ts";
import { HELP_OPTION } from "./option-sets.ts";

/** What may stand at the place of the last word. */
export interface Candidates {
  /** With a short description each, where there is one. */
  readonly words: readonly (readonly [word: string, help: string])[];
  /** What else: names from the store, or files. */
  readonly more: "prompt" | "file" | null;
}

const NOTHING: Candidates = { words: [], more: null };

/** Completes the last of the words that were typed after `sluice`. */
export function completionWords(commands: readonly CommandSpec[], typed: readonly string[]): Candidates {
  const shown = commands.filter(({ hidden }) => !hidden);
  const current = typed.at(-1) ?? "";
  const before = typed.slice(0, -1);
  const spec = commandIn(shown, before);
  const path = pathIn(shown, before);
  if (!spec && path.length < before.filter((word) => !word.startsWith("-")).length) return NOTHING;
  const below = nextWords(shown, path.join(" "));
  if (!spec) return { words: matching(below, current), more: null };

  const rest = before.slice(path.length);
  const valueOf = optionWanting(spec, rest.at(-1));
  if (valueOf)
    return valueOf.choices
      ? { words: matching(valueOf.choices.map(bare), current), more: null }
      : fileOr(valueOf.flags);
  if (current.startsWith("-")) return { words: matching(optionWords(spec), current), more: null };
  const argument = argumentAt(spec, positionals(spec, rest));
  const choices = argument?.completes === "shell" ? ["bash", "zsh", "fish"].map(bare) : [];
  const more = argument?.completes === "prompt" || argument?.completes === "file" ? argument.completes : null;
  return { words: matching([...(rest.length === 0 ? below : []), ...choices], current), more };
}

function bare(word: string): readonly [string, string] {
  return [word, ""];
}

function matching(
  words: readonly (readonly [string, string])[],
  current: string,
): (readonly [string, string])[] {
  return words.filter(([word]) => word.startsWith(current));
}

/** The longest run of words that is a command's name or the beginning of one. */
function pathIn(commands: readonly CommandSpec[], words: readonly string[]): string[] {
  const path: string[] = [];
  for (const word of words) {
    const name = [...path, word].join(" ");
    if (!commands.some((one) => one.name === name || one.name.startsWith(`${name} `))) break;
    path.push(word);
  }
  return path;
}

function commandIn(commands: readonly CommandSpec[], words: readonly string[]): CommandSpec | undefined {
  const name = pathIn(commands, words).join(" ");
  return commands.find((one) => one.name === name);
}

function nextWords(commands: readonly CommandSpec[], path: string): (readonly [string, string])[] {
  const prefix = path === "" ? "" : `${path} `;
  const next = new Map<string, string>();
  for (const { name, summary } of commands) {
    if (!name.startsWith(prefix)) continue;
    const [word, ...deeper] = name.slice(prefix.length).split(" ");
    if (!next.has(word!)) next.set(word!, deeper.length === 0 ? summary : "");
  }
  return [...next];
}

function completedOptions(spec: CommandSpec): readonly OptionSpec[] {
  return [...optionSpecsOf(spec), HELP_OPTION];
}

function optionWords(spec: CommandSpec): (readonly [string, string])[] {
  return completedOptions(spec)
    .filter(({ hidden }) => !hidden)
    .map(({ flags, help }) => [/--[a-z-]+/.exec(flags)![0], help] as const);
}

/** The option that the word before is, when it wants a value. */
function optionWanting(spec: CommandSpec, word: string | undefined) {
  if (!word?.startsWith("-") || word.includes("=")) return undefined;
  const option = completedOptions(spec).find(({ flags }) => flags.split(/[ ,]+/).includes(word));
  return option?.flags.includes("<") ? option : undefined;
}

function fileOr(flags: string): Candidates {
  if (/<file>/.test(flags)) return { words: [], more: "file" };
  return /<version>/.test(flags) ? { words: [], more: "prompt" } : NOTHING;
}

function positionals(spec: CommandSpec, words: readonly string[]): number {
  return words.filter((word, at) => !word.startsWith("-") && !optionWanting(spec, words[at - 1])).length;
}

function argumentAt(spec: CommandSpec, place: number): ArgumentSpec | undefined {
  const all = spec.arguments ?? [];
  const last = all.at(-1);
  return all[place] ?? (last?.syntax.includes("...") ? last : undefined);
}
