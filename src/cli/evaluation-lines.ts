import type { EvaluationReport } from "../evaluation/report.ts";
import { failureList, type Failure } from "../evaluation/reports/failure-list.ts";
import type { Output } from "./output.ts";
import { wrap } from "./text-layout.ts";

const SHOWN = 10;
const MAX_ANSWER = 300;

/** The verdict first, then the numbers behind it, then what did not pass. */
export function evaluationLines(
  report: EvaluationReport,
  names: { readonly candidate: string; readonly baseline: string | undefined },
  { width, paint }: Pick<Output, "width" | "paint">,
): string[] {
  const color = { pass: paint.green, fail: paint.red, insufficient: paint.yellow }[report.verdict];
  const word = { pass: "passes", fail: "fails", insufficient: "not enough evidence" }[report.verdict];
  const failures = failureList(report);
  return [
    ...wrap(`${names.candidate}: ${word}`, width).map((line) => paint.bold(color(line))),
    ...wrap(report.reason, width, "  "),
    ...wrap(
      `${report.passed} passed, ${report.failed} failed, ${report.errors} errors of ${report.cases} cases${report.repeats > 1 ? `, ${report.repeats} times each` : ""}${report.flaky > 0 ? ` (${report.flaky} flaky)` : ""}`,
      width,
      "  ",
    ),
    ...wrap(
      `pass rate ${percent(report.passRate)}${names.baseline === undefined ? ", no baseline" : `, baseline ${names.baseline} ${percent(report.baselinePassRate)}`}`,
      width,
      "  ",
    ),
    ...wrap(
      `${report.costUsd === null ? "cost not known" : `$${report.costUsd.toFixed(4)}`}, ${report.tokens.total} tokens, judge ${report.judge.model}`,
      width,
      "  ",
    ).map(paint.dim),
    ...report.warnings.flatMap((warning) => wrap(`warning: ${warning}`, width, "  ").map(paint.yellow)),
    ...failures.slice(0, SHOWN).flatMap((failure) => failureLines(failure, width, paint)),
    ...(failures.length > SHOWN ? [`  … and ${failures.length - SHOWN} more; --json has them all`] : []),
  ];
}

function failureLines(failure: Failure, width: number, paint: Output["paint"]): string[] {
  const { caseIndex, description, failed, repeats, reason, isError, output, baselineOutput, baselinePassed } =
    failure;
  const head = `case ${caseIndex + 1}${description ? ` (${description})` : ""}: ${isError ? "no result" : "failed"}${repeats > 1 ? `, ${failed} of ${repeats} times` : ""}${baselinePassed === true ? "; the baseline passes" : ""}`;
  return [
    "",
    ...wrap(head, width).map(isError ? paint.yellow : paint.red),
    ...wrap(reason, width, "  "),
    ...(output ? wrap(`answer: ${cut(output)}`, width, "  ").map(paint.dim) : []),
    ...(baselinePassed === true && baselineOutput !== null
      ? wrap(`baseline: ${cut(baselineOutput)}`, width, "  ").map(paint.dim)
      : []),
  ];
}

function cut(text: string): string {
  return text.length > MAX_ANSWER ? `${text.slice(0, MAX_ANSWER)}…` : text;
}

function percent(value: number | null): string {
  return value === null ? "unknown" : `${Number((value * 100).toFixed(1))} %`;
}
