import { percent } from "../../domain/percent.ts";
import { counted, wordFor } from "../../domain/counted.ts";
import { type GateLooks, gateVerdict } from "../../statistics/gate.ts";
import type { CaseResult } from "../grading/case-result.ts";
import type { VersionCheck } from "../checks/check-version.ts";
import type { Finding } from "../../domain/finding.ts";
import type { EvaluationPolicy } from "../running/evaluation-policy.ts";
import { Tally } from "../running/tally.ts";

export type EvaluationVerdict = "pass" | "fail" | "insufficient";

/**
 * What an insufficient verdict looks like; only what looks fine may go on to a canary. `not_delivered`: a
 * provider or a judge gave no result, so nothing can be seen at all.
 */
export type EvaluationLooks = GateLooks | "not_delivered";

/** What an evaluation found: `sluice eval --json` prints it, a gate's evidence is made of it. */
export interface EvaluationReport {
  readonly dataset: { readonly name: string; readonly sha256: string };
  readonly candidateSha256: string;
  readonly baselineSha256: string | null;
  readonly judge: { readonly model: string; readonly version: number };
  readonly repeats: number;
  /** Cases, each counted once however often it was repeated: passed + failed + errors of the candidate when all were run. */
  readonly cases: number;
  /** Every repeat passed. */
  readonly passed: number;
  /** A repeat failed. */
  readonly failed: number;
  /** A repeat has no result, and none failed. */
  readonly errors: number;
  /** Runs that were left out, because the verdict could no longer change; 0 when all were run. */
  readonly notRun: number;
  /** What those would have cost, in US dollars, going by the runs that were made; null without a price. */
  readonly savedUsd: number | null;
  /** Passed and failed: counted under failed. */
  readonly flaky: number;
  /** Case runs without a result, of either version. */
  readonly erroredRuns: number;
  /** Mean over cases of the fraction of repeats that passed, 0 to 1; null when nothing has a result. */
  readonly passRate: number | null;
  readonly baselinePassRate: number | null;
  /** baselinePassRate - passRate over the cases that both have; above 0 is worse. */
  readonly regression: number | null;
  /** One-sided 95 % bounds of the regression, lower and upper. */
  readonly ci: readonly [number, number] | null;
  /** One-sided exact p that the candidate is worse. */
  readonly p: number | null;
  /** One-sided 95 % bounds of the pass rate. */
  readonly passRateCi: readonly [number, number] | null;
  readonly verdict: EvaluationVerdict;
  /** Null unless the verdict is insufficient. */
  readonly looks: EvaluationLooks | null;
  /** One plain sentence. */
  readonly reason: string;
  /** In US dollars, recorded results included; null when a model's price is not known. */
  readonly costUsd: number | null;
  readonly tokens: { readonly input: number; readonly output: number; readonly total: number };
  /** Results that were there already. */
  readonly reused: number;
  readonly warnings: readonly string[];
  /** What the built-in checks found in the candidate's own text. */
  readonly findings: readonly Finding[];
  /** Tokens of the prompt's own text. */
  readonly promptTokens: { readonly candidate: number; readonly baseline: number | null };
  /** What a thousand calls cost at least, in US dollars: the prompt's own tokens; null without a price. */
  readonly costPerThousandCalls: number | null;
  /** By case, repeat and version. */
  readonly results: readonly CaseResult[];
}

export interface ReportParts {
  /** Test cases there are. */
  readonly cases: number;
  /** For each case the first that is the same. */
  readonly firstEqual?: readonly number[];
  readonly gate: EvaluationPolicy;
  readonly hasBaseline: boolean;
  readonly results: readonly CaseResult[];
  /** Case runs there are, of both versions. */
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
  const results = parts.results.toSorted(
    (a, b) => a.caseIndex - b.caseIndex || a.repeat - b.repeat || (a.arm < b.arm ? 1 : -1),
  );
  const counts = tally.counts("candidate");
  const seen = gateVerdict({ ...tally.evidence(hasBaseline, "left out"), ...limits });
  const costs = results.map((result) => result.costUsd);
  const costUsd = costs.includes(null) ? null : sum(costs as number[]);
  const notRun = parts.total - results.length;
  const input = sum(results.map((result) => result.tokens.input));
  const output = sum(results.map((result) => result.tokens.output));
  const errored = results.filter((result) => result.error !== null);
  const broken = parts.checked.findings.find(({ severity }) => severity === "error");
  const { verdict, looks, reason } = broken
    ? { verdict: "fail" as const, looks: null, reason: `${broken.message} (no model was asked)` }
    : errored.length > 0 || notRun > 0
      ? withoutSome(parts, tally, errored)
      : seen;
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
