import { cancellationSignal, heartbeat } from "@temporalio/activity";
import { digestJson } from "../src/digest.ts";
import { SluiceError } from "../src/domain/errors.ts";
import type { Dataset } from "../src/evaluation/dataset.ts";
import { evaluate } from "../src/evaluation/evaluate.ts";
import type { Providers } from "../src/providers/create-providers.ts";
import type { Database } from "../src/storage/database.ts";
import { findDocument } from "../src/storage/read/document.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { findVersionById } from "../src/storage/read/version.ts";
import {
  beginEvaluation,
  finishEvaluation,
  loadEvaluationResults,
  saveEvaluationResult,
} from "../src/storage/write/record-evaluation.ts";
import type { GateResult } from "./types.ts";

export interface EvaluationParts {
  readonly db: Database;
  readonly providers: Providers;
}

const HEARTBEAT_MS = 1000;

export function evaluationActivities({ db, providers }: EvaluationParts) {
  return {
    /** Runs the rollout's gate. Each result is kept when it comes, so a new attempt pays only for what is missing. */
    async evaluateGate({ rolloutId }: { readonly rolloutId: string }): Promise<GateResult> {
      const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
      try {
        return await runGate(db, providers, rolloutId);
      } finally {
        clearInterval(beat);
      }
    },
  };
}

async function runGate(db: Database, providers: Providers, rolloutId: string): Promise<GateResult> {
  const rollout = await findRollout(db, rolloutId);
  const gate = rollout?.policy.gate;
  if (!rollout || !gate || !rollout.dataset_sha256)
    throw new SluiceError("internal", `rollout ${rolloutId} has no gate to pass`);
  const stored = await findDocument(db, rollout.dataset_sha256);
  const candidate = await findVersionById(db, rollout.candidate_version);
  if (!stored || !candidate) throw new SluiceError("not_found", "the dataset or the version is not stored");
  const baseline = rollout.baseline_version ? await findVersionById(db, rollout.baseline_version) : undefined;
  const evaluationId = await beginEvaluation(db, {
    rolloutId,
    candidateVersion: rollout.candidate_version,
    baselineVersion: rollout.baseline_version,
    datasetSha256: rollout.dataset_sha256,
    gateSha256: digestJson(gate),
    judgeSha256: digestJson({ judge: gate.judge ?? null }),
  });
  const report = await evaluate({
    candidate: candidate.artifact,
    ...(baseline && { baseline: baseline.artifact }),
    dataset: stored.body as Dataset,
    gate,
    providers,
    recorded: {
      load: () => loadEvaluationResults(db, evaluationId),
      save: (result) => saveEvaluationResult(db, evaluationId, result),
    },
    onOutage: "throw",
    signal: cancellationSignal(),
  });
  await finishEvaluation(db, evaluationId, {
    verdict: report.verdict,
    reason: report.reason,
    report: { ...report, results: undefined },
    costUsd: report.costUsd,
  });
  const { verdict, reason, cases, passRate, baselinePassRate, costUsd } = report;
  return { verdict, reason, cases, passRate, baselinePassRate: baselinePassRate ?? null, costUsd };
}
