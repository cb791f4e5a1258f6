import { type Dataset, datasetSha256 } from "../evaluation/dataset/dataset.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { keepContent } from "../storage/write/keep-content.ts";
import { storeDocument } from "../storage/write/store-document.ts";

/** Those that are kept outside of the database, with the hash of what is there. */
export type KeptDatasets = ReadonlyMap<Dataset, string>;

/** Keeps what is large where large contents are kept: before the transaction that stores it, which nobody waits for. */
export async function keepDatasets(
  db: Database,
  datasets: readonly (Dataset | undefined)[],
): Promise<KeptDatasets> {
  const kept = new Map<Dataset, string>();
  for (const dataset of datasets) {
    if (!dataset) continue;
    const content = await keepContent(db, { sha256: datasetSha256(dataset), body: dataset });
    if (content !== undefined) kept.set(dataset, content);
  }
  return kept;
}

/** Stores test cases under their hash, and gives it. */
export function storeDataset(
  transaction: Transaction,
  dataset: Dataset,
  kept: KeptDatasets,
): Promise<string> {
  return storeDocument(transaction, {
    kind: "dataset",
    name: dataset.name,
    body: dataset,
    sha256: datasetSha256(dataset),
    content: kept.get(dataset),
  });
}
