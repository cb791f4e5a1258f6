import { dirname, isAbsolute, join } from "node:path";
import type { RolloutPolicy } from "../domain/policy.ts";
import { readPolicy, readPolicyFile } from "../domain/policy-file.ts";
import { readSource } from "../domain/source-document.ts";
import { confinedFiles } from "../evaluation/confined-files.ts";
import { datasetSha256, type Dataset } from "../evaluation/dataset.ts";
import { parseDataset } from "../evaluation/parse-dataset.ts";
import type { Transaction } from "../storage/database.ts";
import { storeDocument } from "../storage/write/store-document.ts";
import { readTextFile } from "./read-file.ts";

/** A policy with the dataset of its gate, read and checked: all that a worker needs of files. */
export interface LoadedPolicy {
  readonly name: string;
  readonly policy: RolloutPolicy;
  readonly dataset: Dataset | undefined;
}

/** Reads a policy file and the dataset that it names, relative to the policy's own folder. */
export async function loadPolicyFile(path: string): Promise<LoadedPolicy> {
  const text = await readTextFile(path, "a rollout policy");
  return withDataset(readPolicyFile(text, path), path, dirname(path));
}

/** Takes the policy of a prompt file: a path relative to that file, or the policy itself. */
export async function loadPromptPolicy(
  policy: string | Readonly<Record<string, unknown>>,
  promptFile: string,
): Promise<LoadedPolicy> {
  const folder = dirname(promptFile);
  if (typeof policy === "string") return loadPolicyFile(under(folder, policy));
  const document = readSource(JSON.stringify(policy, null, 2), `${promptFile} (policy)`);
  return withDataset(readPolicy(document), `${promptFile} (policy)`, folder);
}

async function withDataset(policy: RolloutPolicy, name: string, folder: string): Promise<LoadedPolicy> {
  if (!policy.gate) return { name, policy, dataset: undefined };
  const path = under(folder, policy.gate.dataset);
  const dataset = await loadDataset(path);
  return {
    name,
    policy: { ...policy, gate: { ...policy.gate, dataset_sha256: datasetSha256(dataset) } },
    dataset,
  };
}

/** Reads a dataset; the files that it refers to are read from its own folder. */
export async function loadDataset(path: string): Promise<Dataset> {
  return parseDataset(await readTextFile(path, "a dataset"), path, confinedFiles(dirname(path)));
}

function under(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Stores both by hash and gives the policy's. */
export async function storePolicy(transaction: Transaction, loaded: LoadedPolicy): Promise<string> {
  if (loaded.dataset)
    await storeDocument(transaction, {
      kind: "dataset",
      name: loaded.dataset.name,
      body: loaded.dataset,
      sha256: datasetSha256(loaded.dataset),
    });
  return storeDocument(transaction, { kind: "policy", name: loaded.name, body: loaded.policy });
}
