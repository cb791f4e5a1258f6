import { counted, wordFor } from "../../domain/text/counted.ts";
import { visible } from "../../domain/text/visible.ts";
import type { EvaluationReport } from "../../evaluation/verdict/report.ts";
import { failureList, type Failure } from "../../evaluation/reports/failure-list.ts";
import { wordDiff } from "../../domain/text/word-diff.ts";
import { findingLines } from "../../terminal/finding-lines.ts";
import type { Output } from "../../terminal/output.ts";
import type { Evaluated } from "../commands/evaluating/run-planned-evaluation.ts";
import { type Column, columns, wrap } from "../../terminal/text-layout.ts";

/** Failures in the table, and those of which the answer is shown. */
const LISTED = 50;
const SHOWN = 10;
/** Characters of an answer that are shown. */
const MAX_ANSWER = 600;

/** The verdict first, then the numbers behind it, then what did not pass. */
export function evaluationLines(
  report: EvaluationReport,
  names: { readonly candidate: string; readonly baseline: string | undefined },
  { width, paint }: Pick<Output, "width" | "paint">,
): string[] {
  const color = { pass: paint.green, fail: paint.red, insufficient: paint.yellow }[report.verdict];
  const word = { pass: "passes", fail: "fails", insufficient: "not enough evidence" }[report.verdict];
  const failures = failureList(report);
  // What failed without an answer has none to show.
  const answers = failures
    .map((failure) => answerLines(failure, width, paint))
    .filter((lines) => lines.length > 0);
  return [
    ...wrap(`${names.candidate}: ${word}`, width).map((line) => paint.bold(color(line))),
    ...wrap(report.reason, width, "  "),
    ...wrap(
      `${report.passed} passed, ${report.failed} failed, ${counted(report.errors, "error")} of ${counted(report.cases, "case")}${report.repeats > 1 ? `, ${counted(report.repeats, "time")} each` : ""}${report.flaky > 0 ? ` (${report.flaky} flaky)` : ""}`,
      width,
      "  ",
    ),
    ...wrap(
      `pass rate ${percent(report.passRate)}${names.baseline === undefined ? ", no baseline" : `, baseline ${names.baseline} ${percent(report.baselinePassRate)}`}`,
      width,
      "  ",
    ),
    ...(report.fallbacks ?? []).flatMap(({ model, passRate, passed, cases }) =>
      wrap(
        `falls back to ${model}: pass rate ${percent(passRate)}, ${passed} of ${counted(cases, "case")} passed`,
        width,
        "  ",
      ),
    ),
    ...wrap(
      `${report.costUsd === null ? "cost not known" : `$${report.costUsd.toFixed(4)}`}, ${counted(report.tokens.total, "token")}, judge ${report.judge.model}`,
      width,
      "  ",
    ).map(paint.dim),
    ...savingLines(report, width),
    ...report.warnings.flatMap((warning) => wrap(`warning: ${warning}`, width, "  ").map(paint.yellow)),
    ...findingLines(report.findings, { width, paint }, "  "),
    ...failureTable(failures, width),
    ...answers.slice(0, SHOWN).flat(),
    ...(answers.length > SHOWN
      ? ["", `  … and ${counted(answers.length - SHOWN, "more answer")}; --json has them all`]
      : []),
  ];
}

function savingLines({ notRun, savedUsd }: EvaluationReport, width: number): string[] {
  if (notRun === 0) return [];
  const saved = savedUsd === null ? "" : `, which saves about $${savedUsd.toPrecision(2)}`;
  const runs = `${counted(notRun, "run")} ${wordFor(notRun, "was", "were")}`;
  return wrap(`stopped early: ${runs} not made${saved}`, width, "  ");
}

/** Of several columns, one row each; nothing of a single one. */
export function overviewLines(
  { report, columns: evaluated }: Evaluated,
  { width, paint }: Pick<Output, "width" | "paint">,
): string[] {
  if (evaluated.length < 2) return [];
  const heads: Column[] = [
    { head: "verdict" },
    { head: "passed", align: "right" },
    { head: "failed", align: "right" },
    { head: "errors", align: "right" },
    { head: "cost", align: "right" },
    { head: "prompt and provider" },
  ];
  const row = (name: string, one: EvaluationReport) => [
    one.verdict,
    String(one.passed),
    String(one.failed),
    String(one.errors),
    one.costUsd === null ? "-" : `$${one.costUsd.toFixed(4)}`,
    name,
  ];
  const rows = evaluated.map((one) => row(plain(one.candidate.name), one.report));
  const [head = "", ...lines] = columns(heads, [...rows, row("all", report)], width);
  return [paint.bold(head), ...lines, ""];
}

function failureTable(failures: readonly Failure[], width: number): string[] {
  if (failures.length === 0) return [];
  const hasBaseline = failures.some(({ baselinePassed }) => baselinePassed !== null);
  const heads: Column[] = [
    { head: "case", align: "right" },
    { head: "result" },
    ...(hasBaseline ? [{ head: "baseline" }] : []),
    { head: "why" },
  ];
  const rows = failures.slice(0, LISTED).map((failure) => {
    const { caseIndex, description, failed, repeats, isError, baselinePassed, reason } = failure;
    const often = repeats > 1 ? ` ${failed}/${repeats}` : "";
    return [
      String(caseIndex + 1),
      `${isError ? "error" : "failed"}${often}`,
      ...(hasBaseline ? [baselinePassed === null ? "-" : baselinePassed ? "passed" : "failed"] : []),
      // An error names its case already.
      plain(description && !isError ? `${description}: ${reason}` : reason),
    ];
  });
  const rest = failures.length - rows.length;
  return ["", ...columns(heads, rows, width), ...(rest > 0 ? [`… and ${rest} more`] : [])];
}

/** What the candidate said: beside a baseline's other answer, what differs from it. */
function answerLines(failure: Failure, width: number, paint: Output["paint"]): string[] {
  const { caseIndex, output, baselineOutput } = failure;
  if (output === "" && baselineOutput === null) return [];
  const head = `case ${caseIndex + 1}`;
  if (baselineOutput === null || baselineOutput === output) {
    const same = baselineOutput === null ? "" : ", as the baseline";
    return ["", paint.dim(`${head} answered${same}:`), ...wrap(cut(output), width, "  ")];
  }
  return [
    "",
    paint.dim(`${head}, [-the baseline's answer-] and {+this one's+}:`),
    ...diffLines(cut(baselineOutput), cut(output), width, paint),
  ];
}

function diffLines(before: string, after: string, width: number, paint: Output["paint"]): string[] {
  const words = wordDiff(before, after).flatMap(({ kind, text }) => {
    const [open, close] = kind === "removed" ? ["[-", "-]"] : kind === "added" ? ["{+", "+}"] : ["", ""];
    const color = kind === "removed" ? paint.red : kind === "added" ? paint.green : String;
    const own = text.split(/\s+/).filter(Boolean).map(visible);
    return own.map((word, at) => ({
      text: `${at === 0 ? open : ""}${word}${at === own.length - 1 ? close : ""}`,
      color,
    }));
  });
  const lines: string[] = [];
  let line: string[] = [];
  let length = 2;
  for (const { text, color } of words) {
    if (line.length > 0 && length + text.length > width) {
      lines.push(`  ${line.join(" ")}`);
      line = [];
      length = 2;
    }
    line.push(color(text));
    length += text.length + 1;
  }
  if (line.length > 0) lines.push(`  ${line.join(" ")}`);
  return lines;
}

function cut(text: string): string {
  return plain(text.length > MAX_ANSWER ? `${text.slice(0, MAX_ANSWER)}…` : text);
}

/** What a model said must not move the cursor. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function percent(value: number | null): string {
  return value === null ? "unknown" : `${Number((value * 100).toFixed(1))} %`;
}
