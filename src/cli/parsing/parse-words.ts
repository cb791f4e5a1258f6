import { CommanderError } from "commander";
import { COMMANDS } from "./command-list.ts";
import { createProgram, type ParsedCommand } from "./program.ts";

/** What is wrong with what was typed, as one line with the way on. */
export interface Mistake {
  readonly mistake: string;
  /** Its kind, for programs. */
  readonly usage: string;
}

/** Finds the command that these words ask for. */
export function parseWords(words: readonly string[]): ParsedCommand | Mistake {
  let parsed: ParsedCommand | undefined;
  const error = mistakeOf(words, (command) => (parsed = command));
  if (error === undefined) return parsed!;
  // Who mistypes an option that must be given wants to hear that, and not that it is missing.
  const mistyped =
    error.code === "commander.missingMandatoryOptionValue"
      ? mistakeOf(words, () => undefined, true)
      : undefined;
  const reported = mistyped ?? error;
  return { mistake: usageMistake(reported, words), usage: reported.code.replace("commander.", "") };
}

function mistakeOf(
  words: readonly string[],
  onCommand: (command: ParsedCommand) => void,
  lenient = false,
): CommanderError | undefined {
  try {
    const first = words.find((word) => !word.startsWith("-")) ?? "";
    createProgram(onCommand, first, lenient).parse(words, { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error;
  }
}

/** What commander says, as one line with the way on. */
function usageMistake(error: CommanderError, typed: readonly string[]): string {
  const words = typed.filter((word) => !word.startsWith("-"));
  const names = COMMANDS.map(({ name }) => name);
  const known = [words.slice(0, 2).join(" "), words[0] ?? ""].find(
    (name) => name !== "" && names.some((one) => one === name || one.startsWith(`${name} `)),
  );
  const help = `sluice ${known === undefined ? "" : `${known} `}--help`;
  if (error.code === "commander.help") {
    const below = names.filter((name) => known !== undefined && name.startsWith(`${known} `));
    const choice = below.map((name) => name.slice(known!.length + 1)).join(", ");
    return `name a command${choice ? ` of ${known}: ${choice}` : ""}; see: ${help}`;
  }
  const message = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .replace(/\s*\(Did you mean (one of )?(.*?)\?\)/s, (_, _many, what) => `; did you mean ${what}?`);
  return `${message.replaceAll(/\.?\s*\n\s*/g, " ")}${message.endsWith("?") ? "" : ";"} see: ${help}`;
}
