import { COMMANDS, GROUPS, headingOf } from "../src/cli/parsing/command-list.ts";
import type { ArgumentSpec, CommandSpec, OptionSpec } from "../src/cli/parsing/command.ts";
import { GLOBAL_OPTIONS, HELP_OPTION, SCOPE_OPTIONS } from "../src/cli/parsing/option-sets.ts";
import { formatPage } from "./format-page.ts";

/** The page with a section a command, made of the specs that help and completion are made of. */
export async function commandsPage(): Promise<string> {
  const shown = COMMANDS.filter(({ hidden }) => !hidden);
  const headings = [...new Set(shown.map(({ name }) => headingOf(name)))];
  const lines = [
    "# Every command",
    "",
    "Each command with its arguments and options, as `sluice COMMAND --help` has them; [the command line](cli.md) says more of exit codes and of what is printed. `npm run record-commands` writes this page.",
    "",
    "Every command takes:",
    "",
    ...optionTable([...GLOBAL_OPTIONS, HELP_OPTION]),
    "## Scope",
    "",
    "Commands that are about a scope take these beside a prompt's name:",
    "",
    ...optionTable(SCOPE_OPTIONS),
    ...headings.flatMap((heading) => [
      `## ${heading.replace(/:$/, "")}`,
      "",
      ...shown.filter(({ name }) => headingOf(name) === heading).flatMap(section),
    ]),
  ];
  return formatPage(lines.join("\n"));
}

function section(spec: CommandSpec): string[] {
  const group = GROUPS[spec.name];
  return [
    `### sluice ${spec.name}`,
    "",
    sentence(group ?? spec.summary),
    "",
    ...(spec.about ? [text(spec.about), ""] : []),
    ...argumentTable(spec.arguments ?? []),
    ...optionTable((spec.options ?? []).filter(({ hidden }) => !hidden)),
    ...(spec.scoped ? ["It takes the [scope](#scope).", ""] : []),
    "```text",
    ...spec.examples,
    "```",
    "",
  ];
}

function argumentTable(args: readonly ArgumentSpec[]): string[] {
  return table(
    ["argument", "is"],
    args.map(({ syntax, help }) => [`\`${syntax}\``, text(help)]),
  );
}

function optionTable(options: readonly OptionSpec[]): string[] {
  return table(
    ["option", "does", "default"],
    options.map(({ flags, help, choices, required, repeatable, default: standard }) => {
      const facts = [
        choices && `one of ${choices.map((choice) => `\`${choice}\``).join(", ")}`,
        repeatable && "may be given several times",
      ].filter((fact) => typeof fact === "string");
      return [
        `\`${flags}\``,
        [text(help), ...facts].join("; "),
        required ? "must be given" : standard ? `\`${standard}\`` : "",
      ];
    }),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`.replaceAll(/ {2,}(?=\|)/g, " ");
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

/** What Markdown would take for its own, outside of code. */
function text(plain: string): string {
  return plain
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll(/[*_<]/g, "\\$&")))
    .join("");
}

function sentence(summary: string): string {
  return `${summary[0]!.toUpperCase()}${text(summary.slice(1))}.`;
}
