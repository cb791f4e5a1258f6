import { LRUCache } from "lru-cache";
import type { Artifact } from "../src/domain/prompt/artifact.ts";
import { SluiceError } from "../src/domain/errors.ts";
import type { GatePolicy } from "../src/domain/policy/policy.ts";
import type { Dataset } from "../src/evaluation/dataset/dataset.ts";
import { limitHeapGrowth } from "../src/evaluation/dataset/limit-heap-growth.ts";
import { prepareEvaluation } from "../src/evaluation/running/prepare-evaluation.ts";
import type { PreparedEvaluation } from "../src/evaluation/running/prepared-evaluation.ts";
import type { Providers } from "../src/providers/create-providers.ts";
import type { Database } from "../src/storage/database.ts";
import { findDocument } from "../src/storage/read/document.ts";
import { findEvaluation } from "../src/storage/read/evaluation.ts";
import { listCallers } from "../src/storage/read/callers.ts";
import { isReadByLangfuse } from "../src/storage/read/langfuse-reads.ts";
import { findVersionById } from "../src/storage/read/version.ts";

/** An evaluation with all that it is about, ready to be asked. */
export interface LoadedEvaluation {
  readonly id: string;
  readonly candidate: Artifact;
  readonly baseline: Artifact | undefined;
  readonly dataset: Dataset;
  readonly gate: GatePolicy;
  readonly prepared: PreparedEvaluation;
}

/** Prepared evaluations that are kept: a batch each would otherwise read and render the whole dataset. */
const KEPT = 3;
/** Case runs from which on a worker's memory is kept in check. */
const MANY = 500;

/** Loads evaluations by id. What an evaluation is about never changes, so it is read once while it runs. */
export function evaluationLoader(
  db: Database,
  providers: Providers,
): (id: string) => Promise<LoadedEvaluation> {
  const kept = new LRUCache<string, Promise<LoadedEvaluation>>({ max: KEPT });
  return async (id) => {
    const before = kept.get(id);
    if (before) return before;
    const loading = loadEvaluation(db, providers, id);
    kept.set(id, loading);
    try {
      return await loading;
    } catch (error) {
      kept.delete(id);
      throw error;
    }
  };
}

async function loadEvaluation(db: Database, providers: Providers, id: string): Promise<LoadedEvaluation> {
  const row = await findEvaluation(db, id);
  if (!row?.gate) throw new SluiceError("internal", `evaluation ${id} is not stored`);
  const stored = await findDocument(db, row.dataset_sha256);
  const candidate = await findVersionById(db, row.candidate_version);
  const baseline = row.baseline_version ? await findVersionById(db, row.baseline_version) : undefined;
  if (!stored || !candidate) throw new SluiceError("not_found", "the dataset or the version is not stored");
  const about = {
    candidate: candidate.artifact,
    baseline: baseline?.artifact,
    dataset: stored.body as Dataset,
    gate: row.gate,
    forLangfuse: await isReadByLangfuse(db, candidate.prompt),
    callers: await listCallers(db, { prompt: candidate.prompt }),
  };
  const prepared = await prepareEvaluation({ ...about, providers });
  if (prepared.runs.length >= MANY) limitHeapGrowth();
  return { id, ...about, prepared };
}
