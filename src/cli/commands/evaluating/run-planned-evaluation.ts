import { evaluate, type EvaluationProgress } from "../../../evaluation/evaluate.ts";
import { evaluateConfig } from "../../../evaluation/promptfoo/evaluate-config.ts";
import type { EvaluationReport } from "../../../evaluation/verdict/report.ts";
import { memoryBudget } from "../../../providers/budget.ts";
import type { PreparedEvaluation } from "../../../evaluation/running/prepared-evaluation.ts";
import type { Providers } from "../../../providers/create-providers.ts";
import type { BaselineMemory } from "../../../use-cases/remember-baseline.ts";
import type { Subject } from "../../../use-cases/read-subject.ts";
import type { PlannedConfiguration } from "../../../use-cases/plan-configuration.ts";
import type { PlannedComparison, PlannedEvaluation } from "../../../use-cases/plan-evaluation.ts";
import type { CommandContext } from "../../context.ts";
import { estimateEvaluations } from "./estimate-evaluations.ts";
import { ProgressBar } from "../../../terminal/progress-bar.ts";

/** A version that was held to the gate, with what is known of it. */
export interface EvaluatedColumn {
  readonly candidate: Subject;
  readonly baseline: Subject | undefined;
  readonly report: EvaluationReport;
  /** By case index. */
  readonly vars: readonly Readonly<Record<string, unknown>>[];
}

export interface Evaluated {
  /** Over all columns; of a single one its own. */
  readonly report: EvaluationReport;
  readonly columns: readonly EvaluatedColumn[];
}

type Stage = Pick<CommandContext, "output" | "signal"> & {
  readonly providers: Providers;
  /** Where there is a database: what is known of the baseline already. */
  readonly memory?: BaselineMemory | undefined;
};

/** Says what it will take, asks everything, and shows how far it is. */
export async function runPlannedEvaluation(stage: Stage, planned: PlannedEvaluation): Promise<Evaluated> {
  return planned.kind === "comparison" ? runComparison(stage, planned) : runConfiguration(stage, planned);
}

async function runComparison(stage: Stage, planned: PlannedComparison): Promise<Evaluated> {
  const { candidate, baseline, dataset, gate } = planned;
  const options = {
    candidate: candidate.artifact,
    baseline: baseline?.artifact,
    endpoints: { candidate: candidate.endpoint, baseline: baseline?.endpoint },
    chatTexts: [
      ...(candidate.isChatText ? (["candidate"] as const) : []),
      ...(baseline?.isChatText ? (["baseline"] as const) : []),
    ],
    ways: { candidate: candidate.way, baseline: baseline?.way },
    dataset,
    gate,
  };
  const { output, providers, signal, memory } = stage;
  const recall = memory && ((prepared: PreparedEvaluation) => memory.recall(prepared, { gate, providers }));
  const estimate = await estimateEvaluations([{ label: candidate.name, ...options, recall }], providers);
  estimate.lines.forEach((line) => output.progress(line));
  const prepared = estimate.prepared[0]!;
  const report = await withBar(stage, candidate.name, estimate.runs, (onProgress) =>
    evaluate({
      ...options,
      recorded: estimate.recorded[0],
      prepared,
      providers,
      signal,
      onProgress,
      onOutage: "report",
      concurrency: planned.concurrency,
    }),
  );
  return { report, columns: [{ candidate, baseline, report, vars: varsOf(prepared) }] };
}

async function runConfiguration(stage: Stage, planned: PlannedConfiguration): Promise<Evaluated> {
  const { name, config, gate } = planned;
  const { output, providers, signal } = stage;
  const { max_cost_usd: cap, ...uncapped } = gate;
  const isSingle = config.columns.length === 1;
  const upcoming = config.columns.map(({ label, artifact, endpoint, isChatText, way }) => ({
    label,
    candidate: artifact,
    baseline: undefined,
    endpoints: { candidate: endpoint },
    chatTexts: isChatText ? (["candidate"] as const) : [],
    ways: { candidate: way },
    dataset: config.dataset,
    gate: isSingle ? gate : uncapped,
  }));
  const estimate = await estimateEvaluations(upcoming, providers);
  estimate.lines.forEach((line) => output.progress(line));
  const total = await withBar(stage, name, estimate.runs, (onProgress) =>
    evaluateConfig({
      config,
      gate,
      providers,
      signal,
      // One budget for all columns: the cap is the configuration's, not each one's.
      ...(cap !== undefined && { budget: memoryBudget(cap) }),
      prepared: estimate.prepared,
      onProgress,
    }),
  );
  const { columns, ...report } = total;
  return {
    report,
    columns: columns.map((column, index) => ({
      candidate: {
        name: column.label,
        versionId: null,
        artifact: config.columns[index]!.artifact,
      },
      baseline: undefined,
      report: column.report,
      vars: varsOf(estimate.prepared[index]!),
    })),
  };
}

function varsOf({ cases }: PreparedEvaluation): EvaluatedColumn["vars"] {
  return cases.map(({ vars }) => vars);
}

/** Sums the progress of columns that run one after the other into one bar. */
async function withBar<T>(
  { output }: Stage,
  name: string,
  total: number,
  work: (onProgress: (progress: EvaluationProgress & { readonly column?: string }) => void) => Promise<T>,
): Promise<T> {
  const bar = new ProgressBar(output, name);
  const latest = new Map<string, EvaluationProgress>();
  try {
    return await work((progress) => {
      latest.set(progress.column ?? "", progress);
      const all = [...latest.values()];
      bar.show({
        done: sum(all.map(({ done }) => done)),
        total,
        errors: sum(all.map(({ errors }) => errors)),
        costUsd: all.some(({ costUsd }) => costUsd === null) ? null : sum(all.map(({ costUsd }) => costUsd!)),
      });
    });
  } finally {
    bar.end();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
