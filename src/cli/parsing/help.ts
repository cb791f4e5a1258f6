import { wordFor } from "../../domain/text/counted.ts";
import { COMMANDS, GROUPS, headingOf } from "./command-list.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import { GLOBAL_OPTIONS, HELP_OPTION, SCOPE_OPTIONS } from "./option-sets.ts";
import { wrap } from "../../terminal/text-layout.ts";

const VERSION: OptionSpec = { flags: "-V, --version", help: "print the version" };

type Rows = readonly (readonly [term: string, text: string])[];

/**
 * The help that these words ask for, as lines; undefined when they ask for none, or name no command. It is
 * written here and not by the parser, so that asking for help loads no parser.
 */
export function helpOn(words: readonly string[], width: number): string[] | undefined {
  const end = words.indexOf("--");
  const typed = end === -1 ? words : words.slice(0, end);
  if (!typed.includes("--help") && !typed.includes("-h")) return undefined;
  const names = typed.filter((word) => !word.startsWith("-"));
  if (names.length === 0) return overview(width);
  const name = [names.slice(0, 2).join(" "), names[0]!].find(
    (one) => one in GROUPS || COMMANDS.some((spec) => spec.name === one),
  );
  return name === undefined ? undefined : helpOfCommand(name, width);
}

function overview(width: number): string[] {
  const shown = COMMANDS.filter(({ hidden }) => !hidden);
  const terms = new Map<string, { term: string; text: string; heading: string }>();
  for (const spec of shown) {
    const [word, ...below] = spec.name.split(" ");
    if (terms.has(word!)) continue;
    const text = GROUPS[word!] ?? spec.summary;
    terms.set(word!, { term: below.length > 0 ? word! : termOf(spec), text, heading: headingOf(spec.name) });
  }
  const all = [...terms.values()];
  const headings = [...new Set(all.map(({ heading }) => heading))];
  const column = widest(all.map(({ term }) => term));
  return [
    "Usage: sluice COMMAND [options]",
    "",
    ...wrap("Prompt releases you can trust: test, canary, compare, promote or take back.", width),
    ...headings.flatMap((heading) => [
      "",
      heading,
      ...table(
        all.filter((one) => one.heading === heading).map(({ term, text }) => [term, text] as const),
        width,
        column,
      ),
    ]),
    "",
    "Options:",
    ...table(optionRows([...GLOBAL_OPTIONS, VERSION, HELP_OPTION]), width),
    "",
    ...wrap(
      "sluice COMMAND --help tells more, with examples. A prompt is NAME, one of its versions NAME@N.",
      width,
    ),
  ];
}

function helpOfCommand(name: string, width: number): string[] {
  const spec = COMMANDS.find((one) => one.name === name);
  const below = COMMANDS.filter((one) => !one.hidden && one.name.startsWith(`${name} `));
  const section = (title: string, rows: Rows) =>
    rows.length === 0 ? [] : ["", title, ...table(rows, width)];
  const args = (spec?.arguments ?? []).map(({ syntax, help }) => [placeholder(syntax), help] as const);
  const usage = ["sluice", spec ? `${name}${argumentsOf(spec)} [options]` : `${name} COMMAND [options]`];
  const about = spec?.about;
  return [
    ...wrap(`Usage: ${usage.join(" ")}`, width),
    "",
    ...wrap(GROUPS[name] ?? spec!.summary, width),
    ...(about ? ["", ...wrap(about, width)] : []),
    ...section("Arguments:", args),
    ...section(
      "Commands:",
      below.map((one) => [termOf(one).slice(name.length + 1), one.summary] as const),
    ),
    ...section("Options:", optionRows(spec?.options ?? [])),
    ...section("Scope:", optionRows(spec?.scoped ? SCOPE_OPTIONS : [])),
    ...section("Everywhere:", optionRows([...GLOBAL_OPTIONS, HELP_OPTION])),
    ...(spec
      ? ["", `${wordFor(spec.examples.length, "Example")}:`, ...spec.examples.map((line) => `  ${line}`)]
      : []),
  ];
}

function termOf(spec: CommandSpec): string {
  return `${spec.name}${argumentsOf(spec)}`;
}

function argumentsOf({ arguments: args }: CommandSpec): string {
  return (args ?? []).map(({ syntax }) => ` ${placeholder(syntax)}`).join("");
}

/** `<name>` is NAME, `[path...]` is [PATH…]. */
function placeholder(syntax: string): string {
  const word = syntax
    .replace(/[<>[\]]/g, "")
    .toUpperCase()
    .replace("...", "…");
  return syntax.startsWith("[") ? `[${word}]` : word;
}

function optionRows(options: readonly OptionSpec[]): Rows {
  const listed = options.filter(({ hidden }) => !hidden);
  return listed.map(({ flags, help, default: standard, choices }) => {
    const facts = [choices?.join(", "), standard ? `default ${standard}` : undefined].filter(Boolean);
    return [
      flags.startsWith("-") && !flags.startsWith("--") ? flags : `    ${flags}`,
      facts.length > 0 ? `${help} (${facts.join("; ")})` : help,
    ] as const;
  });
}

function widest(terms: readonly string[]): number {
  return Math.max(...terms.map((term) => term.length));
}

/** Terms at the left, what they mean beside them; below them where the line is too narrow. */
function table(rows: Rows, width: number, column = widest(rows.map(([term]) => term))): string[] {
  const indent = column + 4;
  if (width - indent < 20)
    return rows.flatMap(([term, text]) => [`  ${term.trim()}`, ...wrap(text, width, "      ")]);
  return rows.flatMap(([term, text]) => {
    const [first = "", ...more] = wrap(text, width - indent);
    return [`  ${term.padEnd(column)}  ${first}`.trimEnd(), ...more.map((line) => " ".repeat(indent) + line)];
  });
}
