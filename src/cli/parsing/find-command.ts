import { COMMANDS } from "./command-list.ts";
import type { CommandSpec } from "./command.ts";
import type { CommandName } from "./given.ts";
import { GLOBAL_OPTIONS } from "./option-sets.ts";

export type TypedSpec = CommandSpec & { readonly name: CommandName };

export interface FoundCommand {
  /** As far as the words name a command or a group of them; empty: they name none. */
  readonly path: string;
  /** Undefined: the path is a group, or empty. */
  readonly spec: TypedSpec | undefined;
  /** What stands behind the name, and the options that stood within it. */
  readonly rest: readonly string[];
}

/** Which command words name. Between the words of its name stand only options that every command takes. */
export function findCommand(words: readonly string[]): FoundCommand {
  const everywhere = new Set(GLOBAL_OPTIONS.flatMap(({ flags }) => flags.split(", ")));
  const path: string[] = [];
  const before: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    const name = [...path, word].join(" ");
    if (everywhere.has(word)) before.push(word);
    else if (COMMANDS.some((one) => one.name === name || one.name.startsWith(`${name} `))) path.push(word);
    else break;
  }
  const found = path.join(" ");
  return {
    path: found,
    spec: COMMANDS.find(({ name }) => name === found),
    rest: [...before, ...words.slice(at)],
  };
}

/** The words that may stand behind a path, those of hidden commands aside. */
export function wordsBehind(path: string): string[] {
  const prefix = path === "" ? "" : `${path} `;
  const shown = COMMANDS.filter(({ name, hidden }) => !hidden && name.startsWith(prefix));
  return [...new Set(shown.map(({ name }) => name.slice(prefix.length).split(" ", 1)[0]!))];
}

/** What may be meant by a path and a word behind it that leaves words out between them. */
export function namesEndingIn(path: string, word: string): string[] {
  const prefix = path === "" ? "" : `${path} `;
  return COMMANDS.filter(
    ({ name, hidden }) => !hidden && name.startsWith(prefix) && name.endsWith(` ${word}`),
  ).map(({ name }) => name.slice(prefix.length));
}
