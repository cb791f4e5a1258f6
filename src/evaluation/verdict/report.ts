import { percent } from "../../domain/text/percent.ts";
import { counted, wordFor } from "../../domain/text/counted.ts";
import { gateVerdict } from "../../statistics/gate.ts";
import { type CaseResult, compareResults } from "../grading/case-result.ts";
import type { VersionCheck } from "../checks/check-version.ts";
import type { Finding } from "../../domain/finding.ts";
import type { EvaluationPolicy } from "../running/evaluation-policy.ts";
import { Tally } from "../running/tally.ts";
import type { AskedFallback } from "../running/case-runs.ts";
import type { EvaluationReport } from "./evaluation-report.ts";
import { failingFallback, fallbackReports } from "./fallback-report.ts";

export type { EvaluationReport, EvaluationVerdict } from "./evaluation-report.ts";

export interface ReportParts {
  /** Test cases there are. */
  readonly cases: number;
  /** For each case the first that is the same. */
  readonly firstEqual?: readonly number[];
  readonly gate: EvaluationPolicy;
  readonly hasBaseline: boolean;
  readonly results: readonly CaseResult[];
  readonly fallbacks?: readonly AskedFallback[];
  /** Case runs there are, of both versions and of fallbacks. */
  readonly total: number;
  readonly dataset: EvaluationReport["dataset"];
  readonly judge: EvaluationReport["judge"];
  readonly candidateSha256: string;
  readonly baselineSha256: string | null;
  readonly reused: number;
  readonly checked: VersionCheck;
  readonly warnings: readonly string[];
}

export function makeReport(parts: ReportParts): EvaluationReport {
  const { gate, hasBaseline } = parts;
  const tally = new Tally(parts.cases, gate.repeats, parts.firstEqual);
  for (const result of parts.results) tally.add(result);
  const limits = { minPassRate: gate.min_pass_rate, maxRegression: gate.max_regression };
  const results = parts.results.toSorted(compareResults);
  const counts = tally.counts("candidate");
  const seen = gateVerdict({ ...tally.evidence(hasBaseline, "left out"), ...limits });
  const costs = results.map((result) => result.costUsd);
  const costUsd = costs.includes(null) ? null : sum(costs as number[]);
  const notRun = parts.total - results.length;
  const input = sum(results.map((result) => result.tokens.input));
  const output = sum(results.map((result) => result.tokens.output));
  const errored = results.filter((result) => result.error !== null);
  const broken = parts.checked.findings.find(({ severity }) => severity === "error");
  const fallbacks = fallbackReports(parts.fallbacks ?? [], results, gate);
  const ofVersions = broken
    ? { verdict: "fail" as const, looks: null, reason: `${broken.message} (no model was asked)` }
    : errored.length > 0 || notRun > 0
      ? withoutSome(parts, tally, errored)
      : seen;
  const failing = ofVersions.verdict === "fail" ? undefined : failingFallback(fallbacks);
  const { verdict, looks, reason } = failing
    ? { verdict: "fail" as const, looks: null, reason: failing.reason }
    : ofVersions;
  return {
    dataset: parts.dataset,
    candidateSha256: parts.candidateSha256,
    baselineSha256: parts.baselineSha256,
    judge: parts.judge,
    repeats: tally.repeats,
    cases: tally.cases,
    ...counts,
    erroredRuns: errored.length,
    notRun,
    savedUsd: costUsd === null || results.length === 0 ? null : (costUsd / results.length) * notRun,
    passRate: tally.passRate("candidate"),
    baselinePassRate: hasBaseline ? tally.passRate("baseline") : null,
    regression: seen.regression,
    ci: seen.ci,
    p: seen.p,
    passRateCi: tally.passRate("candidate") === null ? null : seen.passRateCi,
    ...(fallbacks.length > 0 && { fallbacks }),
    verdict,
    looks,
    reason,
    costUsd,
    tokens: { input, output, total: input + output },
    reused: parts.reused,
    warnings: [...parts.warnings, ...notCompared(tally)],
    findings: [...parts.checked.findings, ...cutOff(results)],
    promptTokens: { candidate: parts.checked.tokens, baseline: parts.checked.liveTokens },
    costPerThousandCalls: parts.checked.costPerThousandCalls,
    results,
  };
}

function notCompared({ uncompared, cases }: Tally): string[] {
  if (uncompared === 0) return [];
  return [
    `the baseline cannot be asked ${uncompared} of ${counted(cases, "case")}, which it does not render: they are not compared; give these cases the variables of both versions`,
  ];
}

/** An answer that is not whole is checked as far as it goes, so a pass of it is worth less than it seems. */
function cutOff(results: readonly CaseResult[]): Finding[] {
  const ofArm = (arm: CaseResult["arm"]) => results.filter((one) => one.arm === arm && one.error === null);
  const answers = ofArm("candidate");
  const cut = answers.filter((one) => one.cutOff);
  if (cut.length === 0) return [];
  const passed = cut.filter(({ pass }) => pass).length;
  const baseline = ofArm("baseline").filter((one) => one.cutOff).length;
  const also = baseline > 0 ? `, and ${baseline} of the baseline's` : "";
  return [
    {
      code: "cut_off",
      severity: "warning",
      message: `${cut.length} of ${counted(answers.length, "answer")} ${wordFor(cut.length, "was", "were")} cut off at max_tokens${also}; ${passed} of them passed as far as they go: set or raise max_tokens in params, or ask for shorter answers`,
    },
  ];
}

/** What has no result is never a pass: the verdict stands only when the best that is missing could not save it. */
function withoutSome(
  { gate, hasBaseline, results, total }: ReportParts,
  tally: Tally,
  errored: readonly CaseResult[],
): Pick<EvaluationReport, "verdict" | "looks" | "reason"> {
  const evidence = tally.evidence(hasBaseline, "best for the candidate");
  const best = gateVerdict({
    ...evidence,
    minPassRate: gate.min_pass_rate,
    maxRegression: gate.max_regression,
  });
  const missing = total - results.length + errored.length;
  if (best.verdict === "fail") {
    const left = total - results.length;
    const isTooLow = evidence.passRate < gate.min_pass_rate;
    const found = isTooLow
      ? `at most ${percent(evidence.passRate)} of ${counted(evidence.cases, "case")} can pass, ${percent(gate.min_pass_rate)} are required`
      : best.reason;
    const why =
      left === missing
        ? `what was left out (${counted(left, "run")}) could not change that`
        : `even if all without a result (${counted(missing, "run")}) passed`;
    return { verdict: "fail", looks: null, reason: `${found}; ${why}` };
  }
  return {
    verdict: "insufficient",
    looks: "not_delivered",
    reason: `${missing} of ${counted(total, "run")} ${wordFor(missing, "has", "have")} no result, so the verdict is open; first: ${errored[0]?.error}`,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
