import type { CommandContext } from "../context.ts";
import type { CommandArguments } from "./command-arguments.ts";
import type { OptionSpec } from "./command.ts";
import type { SCOPE_OPTIONS } from "./option-sets.ts";
import type { EXCHANGE_COMMANDS } from "./specs/exchange.ts";
import type { KEY_COMMANDS } from "./specs/keys.ts";
import type { COMPLETE_COMMAND, PROCESS_COMMANDS } from "./specs/processes.ts";
import type { MONITOR_COMMANDS } from "./specs/monitors.ts";
import type { PROMPT_COMMANDS } from "./specs/prompts.ts";
import type { RECORD_COMMANDS } from "./specs/records.ts";
import type { ROLLOUT_COMMANDS } from "./specs/rollouts.ts";
import type { SYNC_COMMANDS } from "./specs/sync.ts";

/*
 * The names of a command's options, read off the specs that help and completion are made of: a command that asks
 * for an option which it does not take does not compile.
 */

type AnySpec =
  | (typeof PROCESS_COMMANDS)[number]
  | typeof COMPLETE_COMMAND
  | (typeof PROMPT_COMMANDS)[number]
  | (typeof EXCHANGE_COMMANDS)[number]
  | (typeof SYNC_COMMANDS)[number]
  | (typeof ROLLOUT_COMMANDS)[number]
  | (typeof MONITOR_COMMANDS)[number]
  | (typeof RECORD_COMMANDS)[number]
  | (typeof KEY_COMMANDS)[number];

export type CommandName = AnySpec["name"];

/** What a command called NAME is given. */
export type Given<Name extends CommandName> = CommandArguments<
  NamesOf<Name, "flag">,
  NamesOf<Name, "text">,
  NamesOf<Name, "list">
>;

/** What every command takes that names a scope. */
export type ScopeName = KeyOf<(typeof SCOPE_OPTIONS)[number]["flags"]>;

/** Runs a command. The number is its exit code; nothing means 0. */
export type RunCommand<Arguments> = (context: CommandContext, given: Arguments) => Promise<number | void>;

type NamesOf<Name extends CommandName, Kind extends "flag" | "text" | "list"> = NameOf<
  OptionsOf<Extract<AnySpec, { readonly name: Name }>>,
  Kind
>;

type OptionsOf<Spec> =
  | (Spec extends { readonly options: readonly (infer Option)[] } ? Option : never)
  | (Spec extends { readonly scoped: true } ? (typeof SCOPE_OPTIONS)[number] : never);

type NameOf<Option, Kind> = Option extends OptionSpec
  ? KindOf<Option> extends Kind
    ? KeyOf<Option["flags"]>
    : never
  : never;

/** `--tag <tag>` given several times is a list, as `--effect <changes...>` is. */
type KindOf<Option extends OptionSpec> = Option extends { readonly repeatable: true }
  ? "list"
  : Option["flags"] extends `${string}...>`
    ? "list"
    : Option["flags"] extends `${string}<${string}` | `${string}[${string}`
      ? "text"
      : "flag";

/** `-m, --message <text>` is kept as message, `--no-model-server` as modelServer. */
type KeyOf<Flags extends string> = Flags extends `${string}--${infer Rest}`
  ? Rest extends `${infer Long} ${string}`
    ? Camel<Positive<Long>>
    : Camel<Positive<Rest>>
  : never;

type Positive<Long extends string> = Long extends `no-${infer Name}` ? Name : Long;

type Camel<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text;
