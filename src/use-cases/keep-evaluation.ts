import { digestJson } from "../digest.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import type { EvaluationPolicy } from "../evaluation/running/evaluation-policy.ts";
import { judgeDigest } from "../evaluation/grading/assertions/judge.ts";
import type { EvaluationReport } from "../evaluation/verdict/report.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import {
  beginEvaluation,
  finishEvaluation,
  saveEvaluationResult,
} from "../storage/write/record-evaluation.ts";
import { keepDatasets, storeDataset } from "./keep-datasets.ts";

export interface EvaluationToKeep {
  readonly candidateVersion: string;
  /** Null where there was no baseline, or one that no store knows. */
  readonly baselineVersion: string | null;
  readonly dataset: Dataset;
  readonly gate: EvaluationPolicy;
  readonly report: EvaluationReport;
}

/**
 * Keeps with a stored version what an evaluation by hand has found, all of it or nothing, and gives the id under
 * which it is. It never vouches for a move: cases and limits were whatever was typed.
 */
export async function keepEvaluation(db: Database, keep: EvaluationToKeep): Promise<string> {
  const { gate, dataset, report } = keep;
  const { results, ...rest } = report;
  const kept = await keepDatasets(db, [dataset]);
  return transact(db, async (transaction) => {
    const datasetId = await storeDataset(transaction, dataset, kept);
    const id = await beginEvaluation(transaction, {
      rolloutId: null,
      candidateVersion: keep.candidateVersion,
      baselineVersion: keep.baselineVersion,
      datasetSha256: datasetId,
      gate,
      gateSha256: digestJson(gate),
      judgeSha256: judgeDigest(gate),
    });
    for (const result of results) await saveEvaluationResult(transaction, id, result, undefined);
    const { verdict, reason, costUsd } = report;
    await finishEvaluation(transaction, id, { verdict, reason, report: rest, costUsd });
    return id;
  });
}
