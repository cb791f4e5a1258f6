import type { CommandSpec, OptionSpec } from "./command.ts";
import { GLOBAL_OPTIONS, SCOPE_OPTIONS } from "./option-sets.ts";

/** An option as its flags say: `-m, --message <text>` is `message`, of one value; `--effect <changes...>` of many. */
export interface OptionFlags {
  readonly spec: OptionSpec;
  /** Without its dashes. */
  readonly long: string;
  readonly short: string | undefined;
  readonly takesValue: boolean;
  /** The words that follow are its values too. */
  readonly isVariadic: boolean;
  /** Under which name the command reads it: `--no-model-server` is modelServer. */
  readonly key: string;
}

/** Every option that a command takes but --help; of no command, those that all take. */
export function optionsOf(spec: CommandSpec | undefined): readonly OptionFlags[] {
  return optionSpecsOf(spec).map(readFlags);
}

export function optionSpecsOf(spec: CommandSpec | undefined): readonly OptionSpec[] {
  return [...(spec?.options ?? []), ...(spec?.scoped ? SCOPE_OPTIONS : []), ...GLOBAL_OPTIONS];
}

function readFlags(spec: OptionSpec): OptionFlags {
  const names = spec.flags.split(/[ ,]+/);
  const long = names.find((name) => name.startsWith("--"))!.slice(2);
  return {
    spec,
    long,
    short: names.find((name) => /^-[^-]$/.test(name))?.slice(1),
    takesValue: /[<[]/.test(spec.flags),
    isVariadic: spec.flags.endsWith("...>"),
    key: long.replace(/^no-/, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  };
}

/** An argument as its syntax says: `<name>`, `[path...]`. */
export function readSyntax(syntax: string): {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
} {
  return {
    name: syntax.replaceAll(/[<>[\].]/g, ""),
    isRequired: syntax.startsWith("<"),
    isVariadic: syntax.includes("..."),
  };
}
