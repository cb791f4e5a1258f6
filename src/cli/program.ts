import { Command, Option } from "commander";
import { COMMANDS, GROUPS, headingOf } from "./command-list.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";

/** The command that was asked for, ready to run. */
export interface Asked {
  readonly spec: CommandSpec;
  readonly positional: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

const SCOPE_OPTIONS: readonly OptionSpec[] = [
  { flags: "--label <label>", help: "the label that services ask for", default: "production" },
  { flags: "--model <model>", help: "only for this model" },
  { flags: "--tenant <tenant>", help: "only for this tenant" },
];

const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--json", help: "print JSON on stdout, errors included" },
  { flags: "-q, --quiet", help: "no progress on stderr" },
  { flags: "--verbose", help: "the whole trace of an error that is a bug" },
];

/**
 * Builds the parser. Nothing that a command runs is loaded for it. With `first`, the word that a command
 * begins with, the commands that begin with another are there by name alone, which is all their list needs.
 */
export function createProgram(asked: (command: Asked) => void, first?: string): Command {
  const program = new Command("sluice")
    .description("Prompt releases you can trust: test, canary, compare, promote or take back.")
    .usage("COMMAND [options]")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .configureHelp({ subcommandTerm: termOf })
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .option("-V, --version", "print the version");
  addOptions(program, GLOBAL_OPTIONS);
  const parents = new Map<string, Command>([["", program]]);
  for (const spec of COMMANDS)
    if (first === undefined || spec.name.split(" ", 1)[0] === first) addCommand(parents, spec, asked);
    else addName(parents, spec);
  program.addHelpText(
    "after",
    "\nsluice COMMAND --help tells more, with examples. A prompt is NAME, one of its versions NAME@N.",
  );
  return program;
}

function addCommand(parents: Map<string, Command>, spec: CommandSpec, asked: (command: Asked) => void): void {
  const command = commandNamed(parents, spec.name, spec.hidden);
  command.summary(spec.summary).description(spec.about ? `${spec.summary}\n\n${spec.about}` : spec.summary);
  for (const { syntax, help } of spec.arguments ?? []) command.argument(syntax, help);
  addOptions(command, spec.options ?? []);
  if (spec.scoped) addOptions(command, SCOPE_OPTIONS, "Scope:");
  addOptions(command, GLOBAL_OPTIONS, "Everywhere:");
  command.addHelpText(
    "after",
    `\nExample${spec.examples.length > 1 ? "s" : ""}:\n${spec.examples.map((line) => `  ${line}`).join("\n")}`,
  );
  command.action((...parts: unknown[]) => {
    const positional = parts.slice(0, -2) as (string | string[] | undefined)[];
    asked({ spec, positional, options: command.opts() });
  });
}

/** A command for the list of commands, and for suggestions: its summary, and how it is called. */
function addName(
  parents: Map<string, Command>,
  { name, hidden, summary, arguments: args }: CommandSpec,
): void {
  const [word, ...below] = name.split(" ");
  if (parents.has(word!)) return;
  const command = parents.get("")!.command(word!, { hidden: hidden === true });
  command.summary(GROUPS[word!] ?? summary).helpGroup(headingOf(name));
  if (below.length === 0) for (const { syntax } of args ?? []) command.argument(syntax);
  parents.set(word!, command);
}

/** Finds or makes the command of a name, and its parents: `rollout` of `rollout start`. */
function commandNamed(parents: Map<string, Command>, name: string, hidden = false): Command {
  const known = parents.get(name);
  if (known) return known;
  const space = name.lastIndexOf(" ");
  const parent = commandNamed(parents, name.slice(0, Math.max(0, space)));
  const command = parent
    .command(name.slice(space + 1), { hidden })
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .exitOverride();
  command.enablePositionalOptions().configureHelp({ subcommandTerm: termOf });
  const group = GROUPS[name];
  if (group) {
    command.summary(group).description(group);
    addOptions(command, GLOBAL_OPTIONS, "Everywhere:");
  }
  if (parent === parents.get("")) command.helpGroup(headingOf(name));
  parents.set(name, command);
  return command;
}

function addOptions(command: Command, options: readonly OptionSpec[], group?: string): void {
  for (const { flags, help, default: standard, choices, required, repeatable } of options) {
    const option = new Option(flags, help);
    if (standard !== undefined) option.default(standard);
    if (choices) option.choices(choices);
    if (required) option.makeOptionMandatory();
    if (repeatable && !option.variadic)
      option.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
    if (group) option.helpGroup(group);
    command.addOption(option);
  }
}

function termOf(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = argument.name().toUpperCase() + (argument.variadic ? "…" : "");
    return argument.required ? name : `[${name}]`;
  });
  return [command.name(), ...args].join(" ");
}
