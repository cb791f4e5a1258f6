import { Command, Option } from "commander";
import { COMMANDS } from "./command-list.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import type { CommandName } from "./given.ts";
import { GLOBAL_OPTIONS, SCOPE_OPTIONS } from "./shared-options.ts";

type TypedSpec = CommandSpec & { readonly name: CommandName };

/** A command as it was typed, ready to run. */
export interface ParsedCommand {
  readonly spec: TypedSpec;
  readonly positional: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Builds the parser; help is written elsewhere (help.ts). With `first`, the word that a command begins with,
 * the commands that begin with another are there by name alone, which is all that suggestions need. With
 * `lenient`, what must be given may be left out.
 */
export function createProgram(
  onCommand: (command: ParsedCommand) => void,
  first?: string,
  lenient = false,
): Command {
  const program = quiet(new Command("sluice"));
  addOptions(program, GLOBAL_OPTIONS);
  const parents = new Map<string, Command>([["", program]]);
  for (const spec of COMMANDS) {
    const word = spec.name.split(" ", 1)[0]!;
    if (first === undefined || word === first)
      addCommand(parents, lenient ? optional(spec) : spec, onCommand);
    else commandNamed(parents, word, spec.hidden);
  }
  return program;
}

function optional(spec: TypedSpec): TypedSpec {
  const options = (spec.options ?? []).map(({ required: _, ...option }) => option);
  return { ...spec, options };
}

function addCommand(
  parents: Map<string, Command>,
  spec: TypedSpec,
  onCommand: (command: ParsedCommand) => void,
): void {
  const command = commandNamed(parents, spec.name, spec.hidden);
  for (const { syntax, help } of spec.arguments ?? []) command.argument(syntax, help);
  addOptions(command, [...(spec.options ?? []), ...(spec.scoped ? SCOPE_OPTIONS : []), ...GLOBAL_OPTIONS]);
  command.action((...parts: unknown[]) => {
    const positional = parts.slice(0, -2) as (string | string[] | undefined)[];
    onCommand({ spec, positional, options: command.opts() });
  });
}

/** Finds or makes the command of a name, and its parents: `rollout` of `rollout start`. */
function commandNamed(parents: Map<string, Command>, name: string, hidden?: true): Command {
  const known = parents.get(name);
  if (known) return known;
  const space = name.lastIndexOf(" ");
  const parent = commandNamed(parents, name.slice(0, Math.max(0, space)));
  const command = quiet(parent.command(name.slice(space + 1), { hidden: hidden === true }));
  if (COMMANDS.every((spec) => spec.name !== name)) addOptions(command, GLOBAL_OPTIONS);
  parents.set(name, command);
  return command;
}

/** It throws what it has to say, and prints nothing. */
function quiet(command: Command): Command {
  return command
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .helpOption(false)
    .helpCommand(false);
}

function addOptions(command: Command, options: readonly OptionSpec[]): void {
  for (const { flags, help, default: standard, choices, required, repeatable, hidden } of options) {
    const option = new Option(flags, help);
    if (standard !== undefined) option.default(standard);
    if (choices) option.choices(choices);
    if (required) option.makeOptionMandatory();
    if (hidden) option.hideHelp();
    if (repeatable && !option.variadic)
      option.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
    command.addOption(option);
  }
}
