import { counted } from "../../../domain/text/counted.ts";
import type { CallerBreak, Dependant, Impact } from "../../../domain/shapes/callers.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { findingLines } from "../../../terminal/finding-lines.ts";
import type { Output } from "../../../terminal/output.ts";
import { wrap, wrapAll } from "../../../terminal/text-layout.ts";
import { isFileArgument } from "../../../use-cases/read-subject.ts";
import { readTextFile } from "../../../use-cases/read-file.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** Who would notice a version. Exit code 1 where calls would fail, or a version that includes it could not be made. */
export async function run(context: CommandContext, given: Given<"impact">): Promise<number> {
  const { output } = context;
  const subject = given.required(0);
  const request = {
    ...(isFileArgument(subject)
      ? { file: await readTextFile(subject, "a prompt file") }
      : { version: subject }),
    label: given.text("label"),
    days: given.integer("days", { min: 1, max: 90 })!,
  };
  const impact = await withSluice(context, (sluice) => sluice.impact(request));
  output.result(impact, () => linesOf(impact, output));
  return fails(impact) ? EXIT.no : EXIT.yes;
}

function fails({ breaks, dependants }: Impact): boolean {
  return (
    hasError(breaks) ||
    dependants.some((one) => one.problem !== null || (one.live.length > 0 && hasError(one.breaks)))
  );
}

function hasError(breaks: readonly CallerBreak[]): boolean {
  return breaks.some(({ severity }) => severity === "error");
}

function linesOf(impact: Impact, output: Output): string[] {
  const { prompt, version, days, callers, breaks, dependants } = impact;
  const name = version === null ? `this file of ${prompt}` : `${prompt}@${version}`;
  const known =
    callers === 0
      ? `no caller of ${prompt} is known from the last ${counted(days, "day")}; that there is none, nobody can say`
      : breaks.length === 0
        ? `${name} changes nothing for ${counted(callers, "known caller")}`
        : `${name} changes something for ${callers === 1 ? "the one known caller" : `some of ${callers} known callers`}`;
  return [
    ...wrapAll(output.width, [known]),
    ...findingLines(breaks.map(findingOf), output, "  "),
    ...(dependants.length > 0
      ? ["", `${counted(dependants.length, "version")} of other prompts include it:`]
      : []),
    ...dependants.flatMap((one) => dependantLines(one, output)),
  ];
}

function dependantLines(
  { prompt, version, includes, level, live, tokens, tokensAfter, problem, breaks }: Dependant,
  output: Output,
): string[] {
  const where = live.length > 0 ? `live for ${live.join(", ")}` : "live nowhere";
  const size =
    tokensAfter === null ? `${counted(tokens, "token")}` : `${counted(tokens, "token")}, then ${tokensAfter}`;
  const indent = "  ".repeat(level);
  return [
    ...wrap(`${prompt}@${version} (by ${includes}): ${where}; ${size}`, output.width, indent),
    ...findingLines(
      [
        ...(problem === null
          ? []
          : [{ severity: "error" as const, message: `it could not be made anew: ${problem}` }]),
        ...breaks,
      ].map(findingOf),
      output,
      `${indent}  `,
    ),
  ];
}

function findingOf({ severity, message }: Pick<CallerBreak, "severity" | "message">) {
  return { code: "callers" as const, severity, message };
}
