import { compareBest } from "../running/compare-best.ts";
import { refuseComparisons } from "../evaluate.ts";
import { reportOf } from "../verdict/report-of-run.ts";
import type { EvaluationOptions, EvaluationProgress } from "../running/evaluation-options.ts";
import type { EvaluationReport, EvaluationVerdict } from "../verdict/report.ts";
import type { PreparedEvaluation } from "../running/prepared-evaluation.ts";
import { runEvaluation } from "../running/run-evaluation.ts";
import type { PromptfooConfig } from "./parse-config.ts";

/** A report over several prompts and providers: the sums over all, and each one's own. */
export interface ConfigReport extends EvaluationReport {
  readonly columns: readonly { readonly label: string; readonly report: EvaluationReport }[];
}

export type ConfigEvaluation = Pick<
  EvaluationOptions,
  "providers" | "judge" | "signal" | "budget" | "concurrency"
> & {
  readonly config: PromptfooConfig;
  /** `repeats` is the configuration's own unless given here. */
  readonly gate: Omit<EvaluationOptions["gate"], "repeats"> & { readonly repeats?: number | undefined };
  /** Of each column, where it was prepared before. */
  readonly prepared?: readonly PreparedEvaluation[] | undefined;
  readonly onProgress?: ((progress: EvaluationProgress & { readonly column: string }) => void) | undefined;
};

/**
 * Runs a promptfoo configuration: every prompt with every provider, each held to the gate by itself, and to
 * each other where a test selects the best. It passes when all do.
 */
export async function evaluateConfig(evaluation: ConfigEvaluation): Promise<ConfigReport> {
  const { config, gate, prepared, onProgress, ...common } = evaluation;
  if (config.columns.length < 2) refuseComparisons(config.dataset);
  const optionsOf = (index: number): EvaluationOptions => ({
    ...common,
    concurrency: common.concurrency ?? config.concurrency,
    gate: { ...gate, repeats: gate.repeats ?? config.repeats },
    dataset: config.dataset,
    candidate: config.columns[index]!.artifact,
    endpoints: { candidate: config.columns[index]!.endpoint },
    chatTexts: config.columns[index]!.isChatText ? ["candidate"] : [],
    ways: { candidate: config.columns[index]!.way },
    prepared: prepared?.[index],
    ...(onProgress && {
      onProgress: (progress) => onProgress({ ...progress, column: config.columns[index]!.label }),
    }),
  });
  const runs = [];
  for (const index of config.columns.keys()) runs.push(await runEvaluation(optionsOf(index)));
  const results = await compareBest(
    runs[0]!,
    runs.map((run) => run.resultsOf("candidate")),
  );
  const columns = runs.map((run, index) => ({
    label: config.columns[index]!.label,
    report: reportOf(optionsOf(index), run, results[index]!),
  }));
  return { ...together(columns.map(({ report }) => report)), columns };
}

const WORST: readonly EvaluationVerdict[] = ["fail", "insufficient", "pass"];

function together(reports: readonly EvaluationReport[]): EvaluationReport {
  const [first] = reports;
  if (reports.length === 1) return first!;
  const sum = (value: (report: EvaluationReport) => number) =>
    reports.reduce((total, one) => total + value(one), 0);
  const sumKnown = (value: (report: EvaluationReport) => number | null) =>
    reports.some((one) => value(one) === null) ? null : sum((one) => value(one)!);
  const verdict = WORST.find((one) => reports.some((report) => report.verdict === one))!;
  const deciding = reports.find((report) => report.verdict === verdict)!;
  const rates = reports.map(({ passRate }) => passRate).filter((rate) => rate !== null);
  return {
    ...first!,
    cases: sum(({ cases }) => cases),
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    errors: sum(({ errors }) => errors),
    flaky: sum(({ flaky }) => flaky),
    erroredRuns: sum(({ erroredRuns }) => erroredRuns),
    notRun: sum(({ notRun }) => notRun),
    savedUsd: sumKnown(({ savedUsd }) => savedUsd),
    passRate: rates.length === 0 ? null : rates.reduce((a, b) => a + b, 0) / rates.length,
    passRateCi: null,
    verdict,
    looks: deciding.looks,
    reason: deciding.reason,
    costUsd: sumKnown(({ costUsd }) => costUsd),
    tokens: {
      input: sum(({ tokens }) => tokens.input),
      output: sum(({ tokens }) => tokens.output),
      total: sum(({ tokens }) => tokens.total),
    },
    results: reports.flatMap(({ results }) => results),
  };
}
