import { type CaseResult, isVersionArm } from "../grading/case-result.ts";
import type { EvaluationReport } from "../verdict/report.ts";

/** What the output file says beside the report. */
export interface OutputFacts {
  readonly evalId: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly candidateLabel: string;
  readonly baselineLabel?: string | undefined;
  /** `provider/model` of each version. */
  readonly candidateModel: string;
  readonly baselineModel?: string | undefined;
  /** Variables of each case, by case index. */
  readonly vars: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The report in the shape of promptfoo's results file, version 3, so that what reads those can read this:
 * one prompt a version, one result a case, repeat and version. Sluice's own verdict is under `sluice`.
 */
export function promptfooOutput(report: EvaluationReport, facts: OutputFacts) {
  const prompts = [prompt(report, "candidate", facts.candidateLabel, facts.candidateModel)];
  if (facts.baselineLabel !== undefined)
    prompts.push(prompt(report, "baseline", facts.baselineLabel, facts.baselineModel ?? ""));
  const { results: all, ...verdict } = report;
  const results = all.filter(({ arm }) => isVersionArm(arm));
  return {
    evalId: facts.evalId,
    results: {
      version: 3,
      timestamp: facts.timestamp,
      prompts,
      results: results.map((result) => outputResult(result, facts)),
      stats: {
        successes: results.filter(({ pass }) => pass).length,
        failures: results.filter(({ pass, error }) => !pass && error === null).length,
        errors: report.erroredRuns,
        tokenUsage: tokenUsage(report.tokens),
      },
    },
    config: { description: report.dataset.name },
    shareableUrl: null,
    metadata: { exportedAt: facts.timestamp, author: null },
    sluice: verdict,
  };
}

/**
 * Several evaluations of the same cases in one such file: each version a prompt, counted on in order; under
 * `sluice` the verdict of each.
 */
export function promptfooOutputs(
  parts: readonly { readonly report: EvaluationReport; readonly facts: OutputFacts }[],
): unknown {
  const outputs = parts.map(({ report, facts }) => promptfooOutput(report, facts));
  const [first] = outputs;
  if (!first || outputs.length === 1) return first;
  let before = 0;
  const results = outputs.flatMap(({ results: { prompts, results: own } }) => {
    const offset = before;
    before += prompts.length;
    return own.map((result) => {
      const promptIdx = offset + result.promptIdx;
      return { ...result, promptIdx, promptId: `${result.promptId}-${promptIdx + 1}` };
    });
  });
  const all = outputs.map((output) => output.results);
  const total = (value: (one: (typeof all)[number]) => number) =>
    all.reduce((sum, one) => sum + value(one), 0);
  return {
    ...first,
    results: {
      ...first.results,
      prompts: all.flatMap(({ prompts }) => prompts),
      results,
      stats: {
        successes: total(({ stats }) => stats.successes),
        failures: total(({ stats }) => stats.failures),
        errors: total(({ stats }) => stats.errors),
        tokenUsage: {
          prompt: total(({ stats }) => stats.tokenUsage.prompt),
          completion: total(({ stats }) => stats.tokenUsage.completion),
          total: total(({ stats }) => stats.tokenUsage.total),
        },
      },
    },
    sluice: { columns: outputs.map(({ sluice }) => sluice) },
  };
}

function prompt(report: EvaluationReport, arm: CaseResult["arm"], label: string, provider: string) {
  const results = report.results.filter((result) => result.arm === arm);
  const count = (matches: (result: CaseResult) => boolean) => results.filter(matches).length;
  const tokens = results.reduce(
    (total, one) => ({ input: total.input + one.tokens.input, output: total.output + one.tokens.output }),
    { input: 0, output: 0 },
  );
  return {
    raw: label,
    label,
    id: arm === "candidate" ? report.candidateSha256 : report.baselineSha256,
    provider,
    metrics: {
      score: results.reduce((total, { score }) => total + score, 0),
      testPassCount: count(({ pass }) => pass),
      testFailCount: count(({ pass, error }) => !pass && error === null),
      testErrorCount: count(({ error }) => error !== null),
      assertPassCount: results.flatMap(({ assertions }) => assertions).filter(({ pass }) => pass).length,
      assertFailCount: results.flatMap(({ assertions }) => assertions).filter(({ pass }) => !pass).length,
      totalLatencyMs: Math.round(results.reduce((total, { latencyMs }) => total + latencyMs, 0)),
      tokenUsage: tokenUsage(tokens),
      cost: results.reduce((total, { costUsd }) => total + (costUsd ?? 0), 0),
      namedScores: namedScores(results),
    },
  };
}

function outputResult(result: CaseResult, facts: OutputFacts) {
  const { arm, caseIndex, pass, score, assertions, error, output, tokens, costUsd, latencyMs } = result;
  const isCandidate = arm === "candidate";
  const reason = error ?? assertions.find((one) => !one.pass)?.reason ?? "All assertions passed";
  return {
    promptIdx: isCandidate ? 0 : 1,
    testIdx: caseIndex,
    testCase: {
      vars: facts.vars[caseIndex] ?? {},
      ...(result.description !== undefined && { description: result.description }),
    },
    repeatIndex: result.repeat,
    promptId: arm,
    provider: { id: (isCandidate ? facts.candidateModel : facts.baselineModel) ?? "" },
    prompt: {
      raw: (isCandidate ? facts.candidateLabel : facts.baselineLabel) ?? "",
      label: (isCandidate ? facts.candidateLabel : facts.baselineLabel) ?? "",
    },
    vars: facts.vars[caseIndex] ?? {},
    response: { output, tokenUsage: tokenUsage(tokens), cost: costUsd ?? 0 },
    error,
    // promptfoo's failure reasons: 0 none, 1 an assertion, 2 an error.
    failureReason: error !== null ? 2 : pass ? 0 : 1,
    success: pass,
    score,
    latencyMs: Math.round(latencyMs),
    cost: costUsd ?? 0,
    namedScores: namedScores([result]),
    gradingResult:
      error !== null
        ? null
        : {
            pass,
            score,
            reason,
            componentResults: assertions.map((one) => ({
              pass: one.pass,
              score: one.score,
              reason: one.reason,
              assertion: { type: one.type, ...(one.metric !== undefined && { metric: one.metric }) },
            })),
          },
  };
}

function tokenUsage({ input, output }: { readonly input: number; readonly output: number }) {
  return { prompt: input, completion: output, total: input + output };
}

function namedScores(results: readonly CaseResult[]): Record<string, number> {
  const scores = new Map<string, number>();
  for (const { metric, score } of results.flatMap(({ assertions }) => assertions))
    if (metric !== undefined) scores.set(metric, (scores.get(metric) ?? 0) + score);
  return Object.fromEntries(scores);
}
