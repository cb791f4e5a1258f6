import { dirname, isAbsolute, join } from "node:path";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import { readPolicy, readPolicyFile } from "../domain/policy/policy-file.ts";
import { readSource } from "../domain/prompt/source-document.ts";
import { confinedFiles } from "../evaluation/dataset/confined-files.ts";
import { type Boundary, boundaryAround } from "../files/boundary.ts";
import { datasetSha256, type Dataset } from "../evaluation/dataset/dataset.ts";
import { parseDataset } from "../evaluation/dataset/parse-dataset.ts";
import { writtenDataset } from "../evaluation/dataset/written-dataset.ts";
import type { Transaction } from "../storage/database.ts";
import { storeDocument } from "../storage/write/store-document.ts";
import { readTextFile } from "./read-file.ts";
import { type KeptDatasets, storeDataset } from "./keep-datasets.ts";

/** A policy, with the dataset of its gate, as the values that their files would hold. */
export interface PolicyDocument {
  readonly policy: unknown;
  readonly dataset?: unknown;
}

/** A policy with the dataset of its gate, read and checked: all that a worker needs of files. */
export interface LoadedPolicy {
  readonly name: string;
  readonly policy: RolloutPolicy;
  readonly dataset: Dataset | undefined;
}

/** One that was read from files. */
export interface PolicyOfFile extends LoadedPolicy {
  /** Both as their files have them, to be sent where no file is read. */
  readonly written: () => PolicyDocument;
}

/** Reads a policy file that a user has named, and the dataset that it names itself, from its own folder. */
export async function loadPolicyFile(path: string): Promise<PolicyOfFile> {
  const text = await readTextFile(path, "a rollout policy");
  return withDataset(readPolicyFile(text, path), () => readSource(text, path).value, path, {
    folder: dirname(path),
  });
}

/** Takes the policy of a prompt file: a path from that file's folder, or the policy itself. */
export async function loadPromptPolicy(
  policy: string | Readonly<Record<string, unknown>>,
  promptFile: string,
): Promise<PolicyOfFile> {
  const folder = dirname(promptFile);
  const within = boundaryAround(folder);
  if (typeof policy === "string") {
    const text = confinedFiles(folder, within).read(policy, `${promptFile}: policy`);
    const path = under(folder, policy);
    const written = () => readSource(text, path).value;
    return withDataset(readPolicyFile(text, path), written, path, { folder: dirname(path), within });
  }
  const document = readSource(JSON.stringify(policy, null, 2), `${promptFile} (policy)`);
  return withDataset(readPolicy(document), () => policy, `${promptFile} (policy)`, { folder, within });
}

/** Where the paths of a file are from, and what they stay within: what the first file that was named settles. */
interface Place {
  readonly folder: string;
  readonly within?: Boundary;
}

async function withDataset(
  policy: RolloutPolicy,
  written: () => unknown,
  name: string,
  { folder, within = boundaryAround(folder) }: Place,
): Promise<PolicyOfFile> {
  if (!policy.gate) return { name, policy, dataset: undefined, written: () => ({ policy: written() }) };
  const text = confinedFiles(folder, within).read(policy.gate.dataset, `${name}: gate.dataset`);
  const path = under(folder, policy.gate.dataset);
  const dataset = parseDataset(text, path, confinedFiles(dirname(path), within));
  return {
    name,
    policy: { ...policy, gate: { ...policy.gate, dataset_sha256: datasetSha256(dataset) } },
    dataset,
    written: () => ({ policy: written(), dataset: writtenDataset(text, path) }),
  };
}

/** Reads a dataset that a user has named; the files that it refers to are read from its own folder. */
export async function loadDataset(path: string): Promise<Dataset> {
  return parseDataset(await readTextFile(path, "a dataset"), path, confinedFiles(dirname(path)));
}

/** The same as its file has it, to be sent where no file is read. What is wrong with it is said here. */
export async function loadWrittenDataset(path: string): Promise<unknown> {
  const text = await readTextFile(path, "a dataset");
  parseDataset(text, path, confinedFiles(dirname(path)));
  return writtenDataset(text, path);
}

function under(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Stores both by hash and gives the policy's. */
export async function storePolicy(
  transaction: Transaction,
  loaded: LoadedPolicy,
  kept: KeptDatasets,
): Promise<string> {
  if (loaded.dataset) await storeDataset(transaction, loaded.dataset, kept);
  return storeDocument(transaction, { kind: "policy", name: loaded.name, body: loaded.policy });
}
