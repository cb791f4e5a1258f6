import { digestJson } from "../digest.ts";
import { invalidInput } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import { readPolicyFile } from "../domain/policy/policy-file.ts";
import { splitWebhookForm } from "../domain/addresses/webhook-form.ts";
import { readSecretReference } from "../domain/addresses/webhook.ts";
import { type Dataset, datasetSha256 } from "../evaluation/dataset/dataset.ts";
import { parseDataset } from "../evaluation/dataset/parse-dataset.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import type { LoadedPolicy, PolicyDocument } from "./load-policy.ts";

/**
 * Reads a policy of which there is no file. Nothing is read that it does not hold itself: no file, nothing of the
 * environment, neither here nor by the worker.
 */
export function loadPolicyDocument(document: PolicyDocument): LoadedPolicy {
  const { policy: written, dataset } = document;
  const policy = readPolicyDocument(written);
  refuseReferences(policy);
  const { gate } = policy;
  if (!gate) {
    if (dataset !== undefined)
      throw invalidInput("dataset: the policy has no gate that would ask it; leave it out");
    return { name: "policy", policy, dataset: undefined };
  }
  if (dataset === undefined)
    throw invalidInput(
      "policy: gate.dataset: no file is read here; give the test cases themselves as dataset, beside the policy",
    );
  const cases = readDatasetDocument(dataset, gate.dataset);
  return {
    name: "policy",
    policy: { ...policy, gate: { ...gate, dataset_sha256: datasetSha256(cases) } },
    dataset: cases,
  };
}

/** The policy that came with a request; undefined where the prompt's own is meant. */
export function givenPolicy({ policy, dataset }: Partial<PolicyDocument>): LoadedPolicy | undefined {
  return policy === undefined && dataset === undefined ? undefined : loadPolicyDocument({ policy, dataset });
}

/**
 * The same, where rules are changed more often than tests: a policy that comes without its test cases means those of
 * the prompt's own, and may tell whom that one tells.
 */
export async function givenPolicyOf(
  db: Database,
  prompt: string,
  { policy: written, dataset }: Partial<PolicyDocument>,
): Promise<LoadedPolicy | undefined> {
  const own = written === undefined || dataset !== undefined ? undefined : await ownPolicy(db, prompt);
  if (!own) return givenPolicy({ policy: written, dataset });
  const policy = readPolicyDocument(written);
  const { gate, notify } = policy;
  if (gate && gate.dataset !== own.gate?.dataset) return givenPolicy({ policy: written });
  const told = new Set(own.notify.map((one) => digestJson(one)));
  refuseReferences({ ...policy, notify: notify.filter((one) => !told.has(digestJson(one))) });
  const sha256 = own.gate?.dataset_sha256;
  if (!gate || sha256 === undefined) return { name: "policy", policy, dataset: undefined };
  const cases = (await findDocument(db, sha256))?.body as Dataset | undefined;
  return {
    name: "policy",
    policy: { ...policy, gate: { ...gate, dataset_sha256: sha256 } },
    dataset: cases,
  };
}

/** The policy that was pushed with a prompt, where it has one. */
export async function ownPolicy(db: Database, prompt: string): Promise<RolloutPolicy | undefined> {
  const sha256 = await promptPolicySha256(db, prompt);
  return sha256 === null ? undefined : ((await findDocument(db, sha256))?.body as RolloutPolicy | undefined);
}

/** A policy by itself, of which nothing is sent or asked. */
export function readPolicyDocument(written: unknown): RolloutPolicy {
  return readPolicyFile(textOf(written), "policy");
}

/** Test cases of which there is no file: a list of cases or an object, whatever the name that a policy gives it ends in. */
export function readDatasetDocument(dataset: unknown, name = "dataset"): Dataset {
  return { ...parseDataset(textOf(dataset), "dataset"), name };
}

/** What stands for something of the worker's would be sent wherever the policy says. */
function refuseReferences({ notify }: RolloutPolicy): void {
  for (const [at, { webhook, secret }] of notify.entries())
    for (const text of [splitWebhookForm(webhook).address, secret])
      if (text !== undefined && readSecretReference(text))
        throw invalidInput(
          `policy: notify[${at}]: env: and file: stand for what the worker has, and are only taken from the command line: push the policy there, or write an address`,
        );
}

/** Each line of the text is a place that a message can name. */
function textOf(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
