import type { Artifact } from "../domain/prompt/artifact.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import { createArm } from "../evaluation/running/arm.ts";
import { bindCases } from "../evaluation/running/binding/bind-cases.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import { sizeSentence } from "../statistics/gate.ts";
import type { Database } from "../storage/database.ts";
import { findDocument } from "../storage/read/document.ts";
import { loadPolicyFile } from "./load-policy.ts";

/**
 * What the cases of a rollout's gate can show at most, in a sentence; null without a gate or a baseline. A mistake
 * in the dataset is an `invalid_input` that names the case, before anything is started.
 */
export async function sizeGate(
  db: Database,
  of: {
    readonly policy: RolloutPolicy;
    /** Where the policy is read from, when it is not stored. */
    readonly policyFile?: string | undefined;
    /** That of a policy which came with its cases. */
    readonly dataset?: Dataset | undefined;
    readonly candidate: Artifact;
    readonly baseline: Artifact | undefined;
  },
): Promise<string | null> {
  const { gate } = of.policy;
  if (!gate) return null;
  const dataset =
    of.dataset ??
    (of.policyFile === undefined
      ? await stored(db, gate.dataset_sha256)
      : (await loadPolicyFile(of.policyFile)).dataset);
  if (!dataset) return null;
  const arms = [createArm("candidate", of.candidate)];
  if (of.baseline) arms.push(createArm("baseline", of.baseline));
  const cases = bindCases(dataset, arms).length;
  return of.baseline ? sizeSentence(cases, gate.max_regression) : null;
}

async function stored(db: Database, sha256: string | undefined): Promise<Dataset | undefined> {
  if (sha256 === undefined) return undefined;
  return (await findDocument(db, sha256))?.body as Dataset | undefined;
}
