import { code, fenced, inline } from "../../domain/text/markdown.ts";
import { percent } from "../../domain/text/percent.ts";
import { counted } from "../../domain/text/counted.ts";
import type { EvaluationReport } from "../verdict/report.ts";
import { type Failure, failureList } from "./failure-list.ts";
import { wordDiff } from "../../domain/text/word-diff.ts";

export interface MarkdownNames {
  /** `support-reply@7`, or a file's path. */
  readonly candidate: string;
  readonly baseline?: string | undefined;
}

/** Failures that are shown in full. */
const SHOWN = 20;
/** Characters of an answer that are shown. */
const MAX_ANSWER = 600;

const HEADINGS = {
  pass: "✅ passes the gate",
  fail: "❌ fails the gate",
  insufficient: "⚠️ the cases cannot tell",
} as const;

/** The report as Markdown for a pull request's comment. What models said cannot break out of its place. */
export function markdownReport(report: EvaluationReport, names: MarkdownNames): string {
  const failures = failureList(report);
  const lines = [
    `### ${code(names.candidate)} ${HEADINGS[report.verdict]}`,
    "",
    inline(report.reason),
    "",
    "| | candidate | baseline |",
    "|---|---|---|",
    `| version | ${code(names.candidate)} | ${names.baseline ? code(names.baseline) : "none"} |`,
    `| pass rate | ${rateOf(report.passRate)} | ${rateOf(report.baselinePassRate)} |`,
    ...(report.regression === null || report.ci === null
      ? []
      : [
          `| regression | ${points(report.regression)} (95 % bounds ${points(report.ci[0])} to ${points(report.ci[1])}) | |`,
        ]),
    `| cases | ${report.passed} passed, ${report.failed} failed, ${counted(report.errors, "error")}${report.flaky > 0 ? `, ${report.flaky} flaky` : ""} of ${report.cases}${report.repeats > 1 ? ` × ${report.repeats}` : ""} | |`,
    ...(report.fallbacks ?? []).map(
      (one) =>
        `| falls back to | ${code(one.model)} ${rateOf(one.passRate)}, ${one.passed} passed of ${counted(one.cases, "case")} | |`,
    ),
    `| cost | ${report.costUsd === null ? "price not known" : `$${report.costUsd.toFixed(4)}`}, ${counted(report.tokens.total, "token")} | |`,
    `| dataset | ${code(report.dataset.name)} \`${report.dataset.sha256.slice(0, 12)}\` | |`,
  ];
  if (failures.length > 0) {
    lines.push(
      "",
      `<details><summary>${failures.length} of ${counted(report.cases, "case")} did not pass</summary>`,
      "",
    );
    for (const failure of failures.slice(0, SHOWN)) lines.push(...describe(failure), "");
    if (failures.length > SHOWN) lines.push(`… and ${failures.length - SHOWN} more`, "");
    lines.push("</details>");
  }
  const notes = [...report.findings.map(({ message }) => message), ...report.warnings];
  if (notes.length > 0) lines.push("", ...notes.map((note) => `- ⚠️ ${inline(note)}`));
  return `${lines.join("\n")}\n`;
}

function describe(failure: Failure): string[] {
  const { caseIndex, description, repeats, failed, reason, output, baselineOutput, baselinePassed } = failure;
  const title = `case ${caseIndex + 1}${description ? ` (${inline(description)})` : ""}`;
  const often = repeats > 1 ? `, ${failed} of ${counted(repeats, "time")}` : "";
  const compared =
    baselinePassed === null ? "" : baselinePassed ? "; the baseline passes" : "; so does the baseline";
  const lines = [`**${title}**${often}: ${inline(reason)}${compared}`];
  if (failure.isError) return lines;
  if (baselineOutput === null || baselineOutput === output)
    return [...lines, "", fenced(output.slice(0, MAX_ANSWER))];
  return [
    ...lines,
    "",
    fenced(diffText(baselineOutput.slice(0, MAX_ANSWER), output.slice(0, MAX_ANSWER)), "diff"),
  ];
}

/** A word diff as the lines that Markdown's `diff` colours. */
function diffText(before: string, after: string): string {
  return wordDiff(before, after)
    .map(({ kind, text }) => {
      const sign = kind === "same" ? " " : kind === "removed" ? "-" : "+";
      return text
        .trim()
        .split("\n")
        .map((line) => `${sign} ${line}`)
        .join("\n");
    })
    .join("\n");
}

function rateOf(rate: number | null): string {
  return rate === null ? "" : percent(rate);
}

function points(value: number): string {
  return `${Number((value * 100).toPrecision(3))} pp`;
}
