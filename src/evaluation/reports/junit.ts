import { visibleLines } from "../../domain/text/visible.ts";
import type { CaseResult } from "../grading/case-result.ts";
import type { EvaluationReport } from "../verdict/report.ts";

/**
 * The candidate's results as JUnit XML, for CI systems: a test per case and repeat. A case without a result is
 * an error there too; the verdict is the suite's property.
 */
export function junitReport(report: EvaluationReport, name = report.dataset.name): string {
  return junitReports([{ report, name }]);
}

/** Several of them in one file, a suite each. */
export function junitReports(
  reports: readonly { readonly report: EvaluationReport; readonly name: string }[],
): string {
  const all = reports.flatMap(({ report }) => candidateResults(report));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sluice" ${counts(all)}>`,
    ...reports.flatMap(({ report, name }) => suite(report, name)),
    "</testsuites>",
    "",
  ].join("\n");
}

function candidateResults(report: EvaluationReport): CaseResult[] {
  return report.results.filter(({ arm }) => arm === "candidate");
}

function counts(results: readonly CaseResult[]): string {
  const failures = results.filter(({ error, pass }) => error === null && !pass).length;
  const errors = results.filter(({ error }) => error !== null).length;
  const seconds = (results.reduce((total, { latencyMs }) => total + latencyMs, 0) / 1000).toFixed(3);
  return `tests="${results.length}" failures="${failures}" errors="${errors}" time="${seconds}"`;
}

function suite(report: EvaluationReport, name: string): string[] {
  const results = candidateResults(report);
  const properties = Object.entries({
    verdict: report.verdict,
    reason: report.reason,
    dataset: report.dataset.sha256,
    candidate: report.candidateSha256,
    baseline: report.baselineSha256 ?? "",
    judge: report.judge.model,
    costUsd: String(report.costUsd ?? ""),
  }).map(([key, value]) => `      <property name="${key}" value="${attribute(value)}"/>`);
  return [
    `  <testsuite name="${attribute(name)}" ${counts(results)}>`,
    "    <properties>",
    ...properties,
    "    </properties>",
    ...results.map((result) => testCase(result, name, report.repeats)),
    "  </testsuite>",
  ];
}

function testCase(result: CaseResult, suite: string, repeats: number): string {
  const { caseIndex, repeat, description, latencyMs, error, pass, assertions, output } = result;
  const title = `case ${caseIndex + 1}${description ? `: ${description}` : ""}${repeats > 1 ? ` (repeat ${repeat + 1})` : ""}`;
  const open = `    <testcase classname="${attribute(suite)}" name="${attribute(title)}" time="${(latencyMs / 1000).toFixed(3)}"`;
  if (error !== null)
    return `${open}>\n      <error message="${attribute(error)}" type="${attribute(result.errorKind ?? "error")}"/>\n    </testcase>`;
  if (pass) return `${open}/>`;
  const failed = assertions.filter((one) => !one.pass);
  const message = failed.map(({ type, reason }) => `${type}: ${reason}`).join("\n");
  const body = `${message}\n\nanswer:\n${output}`;
  return `${open}>\n      <failure message="${attribute(failed[0]?.reason ?? "under its threshold")}" type="${attribute(failed[0]?.type ?? "threshold")}">${content(body)}</failure>\n    </testcase>`;
}

/** What XML 1.0 cannot carry at all, beside the control characters that are written out. */
const FORBIDDEN = /[\ufffe\uffff]/g;

function content(text: string): string {
  return visibleLines(text)
    .replace(FORBIDDEN, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function attribute(text: string): string {
  return content(text).replaceAll('"', "&quot;").replace(/\r?\n/g, "&#10;");
}
