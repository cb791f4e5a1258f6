import { parseArgs } from "node:util";
import { counted } from "../../domain/text/counted.ts";
import { nearest } from "../../domain/text/suggestion.ts";
import {
  findCommand,
  type FoundCommand,
  namesEndingIn,
  type TypedSpec,
  wordsBehind,
} from "./find-command.ts";
import { type OptionFlags, optionsOf, readSyntax } from "./option-flags.ts";

/** A command as it was typed, ready to run. */
export interface ParsedCommand {
  readonly spec: TypedSpec;
  readonly positional: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What is wrong with what was typed, as one line with the way on. */
export interface Mistake {
  readonly mistake: string;
  /** Its kind, for programs. */
  readonly usage: string;
}

/** A mistake without the way on. */
type Problem = readonly [usage: string, sentence: string];

/** Finds the command that these words ask for, and reads its options and arguments. */
export function parseWords(words: readonly string[]): ParsedCommand | Mistake {
  const found = findCommand(words);
  const { values, positional, problem } = readOptions(found);
  const { spec } = found;
  if (problem) return mistake(found, problem);
  if (!spec) return mistake(found, noCommand(found, positional[0]));
  const wrong = argumentProblem(spec, positional) ?? missingOption(spec, values);
  if (wrong) return mistake(found, wrong);
  return { spec, positional: placed(spec, positional), options: keyed(spec, values) };
}

function mistake({ path }: FoundCommand, [usage, sentence]: Problem): Mistake {
  const help = `sluice ${path === "" ? "" : `${path} `}--help`;
  return { mistake: `${sentence}${sentence.endsWith("?") ? "" : ";"} see: ${help}`, usage };
}

/** What each option was given, by its long name; a flag has empty texts. */
type Values = ReadonlyMap<string, readonly string[]>;

interface ReadOptions {
  readonly values: Values;
  readonly positional: readonly string[];
  /** The first mistake: a value that is missing or not one of the choices before an option that is not known. */
  readonly problem: Problem | undefined;
}

function readOptions({ spec, rest }: FoundCommand): ReadOptions {
  const known = new Map(optionsOf(spec).map((option) => [option.long, option]));
  const { tokens } = parseArgs({
    args: [...rest],
    options: Object.fromEntries(
      [...known.values()].map(({ long, short, takesValue }) => [
        long,
        { type: takesValue ? "string" : "boolean", ...(short !== undefined && { short }) } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const positional: string[] = [];
  let unknown: Problem | undefined;
  /** The option that takes the words which follow. */
  let open: OptionFlags | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (open) values.get(open.long)!.push(token.value);
      else positional.push(token.value);
      continue;
    }
    open = undefined;
    if (token.kind !== "option") continue;
    const option = known.get(token.name);
    if (!option || (!option.takesValue && token.value !== undefined)) {
      const given = token.inlineValue ? `${token.rawName}=${token.value}` : token.rawName;
      unknown ??= unknownOption(given, known.values());
      continue;
    }
    const problem = option.takesValue ? valueProblem(option, token.value) : undefined;
    if (problem) return { values, positional, problem };
    values.set(option.long, [...(values.get(option.long) ?? []), token.value ?? ""]);
    if (option.isVariadic && token.inlineValue !== true) open = option;
  }
  return { values, positional, problem: unknown };
}

function unknownOption(given: string, known: Iterable<OptionFlags>): Problem {
  const shown = [...known].filter(({ spec }) => !spec.hidden).map(({ long }) => long);
  const meant = given.startsWith("--") ? nearest(given.slice(2), shown) : undefined;
  return [
    "unknownOption",
    `unknown option '${given}'${meant === undefined ? "" : `; did you mean --${meant}?`}`,
  ];
}

function valueProblem(
  { spec: { flags, choices } }: OptionFlags,
  value: string | undefined,
): Problem | undefined {
  if (value === undefined) return ["optionMissingArgument", `option '${flags}' argument missing`];
  if (!choices || choices.includes(value)) return undefined;
  return [
    "invalidArgument",
    `option '${flags}' argument '${value}' is invalid. Allowed choices are ${choices.join(", ")}`,
  ];
}

function noCommand({ path }: FoundCommand, word: string | undefined): Problem {
  const behind = wordsBehind(path);
  if (word === undefined)
    return ["help", `name a command${path === "" ? "" : ` of ${path}: ${behind.join(", ")}`}`];
  // "start" alone is nearer to "rollout start" than to any other first word.
  const meant = namesEndingIn(path, word).join(" or ") || nearest(word, behind);
  return [
    "unknownCommand",
    `unknown command '${word}'${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  ];
}

function argumentProblem(spec: TypedSpec, positional: readonly string[]): Problem | undefined {
  const wanted = (spec.arguments ?? []).map(({ syntax }) => readSyntax(syntax));
  const missing = wanted.find(({ isRequired }, at) => isRequired && positional.length <= at);
  if (missing) return ["missingArgument", `missing required argument '${missing.name}'`];
  if (wanted.at(-1)?.isVariadic || positional.length <= wanted.length) return undefined;
  const expected = counted(wanted.length, "argument");
  return [
    "excessArguments",
    `too many arguments for '${spec.name.split(" ").at(-1)}'. Expected ${expected} but got ${positional.length}: ${positional.join(", ")}`,
  ];
}

function missingOption(spec: TypedSpec, values: Values): Problem | undefined {
  const missing = optionsOf(spec).find((option) => option.spec.required && !values.has(option.long));
  return missing && ["missingMandatoryOptionValue", `required option '${missing.spec.flags}' not specified`];
}

/** Each argument at its place; the last one may be a list. */
function placed({ arguments: args }: TypedSpec, positional: readonly string[]) {
  return (args ?? []).map(({ syntax }, at) =>
    readSyntax(syntax).isVariadic ? positional.slice(at) : positional[at],
  );
}

/** Each option under its key: a flag as true or false, a text, or a list where it may be given several times. */
function keyed(spec: TypedSpec, values: Values): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const { long, key, takesValue, isVariadic, spec: option } of optionsOf(spec)) {
    const list = values.get(long);
    if (!takesValue) options[key] = long.startsWith("no-") ? list === undefined : list !== undefined;
    else if (option.repeatable || isVariadic) options[key] = list;
    else options[key] = list?.at(-1) ?? option.default;
  }
  return options;
}
