import { invalidInput } from "../domain/errors.ts";
import type { GatePolicy, RolloutPolicy } from "../domain/policy/policy.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById } from "../storage/read/version.ts";
import { type EvaluationRequest, chooseGate } from "./choose-gate.ts";
import { readSubject, type NamedSubject, type Subject } from "./read-subject.ts";
import { type EvaluationStore, loadSubject, stored } from "./load-subject.ts";
import { loadDataset, loadPolicyFile, loadPromptPolicy } from "./load-policy.ts";
import {
  type PlannedComparison,
  type PlannedConfiguration,
  planConfiguration,
} from "./plan-configuration.ts";
import { setTemperature } from "./set-temperature.ts";
import { keptVersion } from "../storage/read/versions-in.ts";
import { withModel, quickDataset } from "../evaluation/running/quick-evaluation.ts";

export type { PlannedComparison } from "./plan-configuration.ts";
export type PlannedEvaluation = PlannedComparison | PlannedConfiguration;

/** Reads everything that an evaluation needs. With files alone the store is never asked for. */
export async function planEvaluation(
  request: EvaluationRequest,
  store: EvaluationStore,
): Promise<PlannedEvaluation> {
  const configuration = await planConfiguration(request, store.versions);
  if (configuration) return configuration;
  const named = await readSubject(request.subject);
  const candidate = await loadSubject(named, store.versions);
  const policy = await policyOf(request, named, store);
  const dataset =
    request.datasetFile === undefined ? policy?.dataset : await loadDataset(request.datasetFile);
  if (!dataset)
    throw invalidInput(
      `${request.subject}: there are no test cases: name a dataset with --dataset FILE, or a policy with a gate (--policy FILE)`,
    );
  const baseline = await baselineOf(request, named, candidate, store);
  const gate = chooseGate(policy?.gate, request);
  const { temperature } = request;
  if (!request.quick)
    return setTemperature({ kind: "comparison", candidate, baseline, dataset, gate }, temperature);
  const sampled = quickDataset(dataset, policy?.gate?.quick);
  const withQuickModel = (one: Subject) => ({
    ...one,
    artifact: withModel(one.artifact, policy?.gate?.quick?.model),
  });
  return setTemperature(
    {
      kind: "comparison",
      candidate: withQuickModel(candidate),
      baseline: baseline && withQuickModel(baseline),
      // Less of everything: another model than the version's own says nothing of its fallbacks either.
      gate: { ...gate, fallbacks: false },
      ...sampled,
    },
    temperature,
  );
}

interface GateAndCases {
  readonly gate: GatePolicy | undefined;
  readonly dataset: Dataset | undefined;
}

async function policyOf(
  request: EvaluationRequest,
  named: NamedSubject,
  store: EvaluationStore,
): Promise<GateAndCases | undefined> {
  if (request.policy) return { gate: request.policy.policy.gate, dataset: request.policy.dataset };
  if (request.policyFile !== undefined) {
    const { policy, dataset } = await loadPolicyFile(request.policyFile);
    return { gate: policy.gate, dataset };
  }
  if (named.kind === "file") {
    // What git holds has no folder to look for its policy in.
    if (named.file.policy === undefined || named.path.startsWith("git:")) return undefined;
    const { policy, dataset } = await loadPromptPolicy(named.file.policy, named.path);
    return { gate: policy.gate, dataset };
  }
  return store.withDatabase(async (db) => {
    const sha256 = await promptPolicySha256(db, named.prompt);
    const policy = sha256 === null ? undefined : await findDocument(db, sha256);
    const gate = (policy?.body as RolloutPolicy | undefined)?.gate;
    const dataset =
      gate?.dataset_sha256 === undefined ? undefined : await findDocument(db, gate.dataset_sha256);
    return { gate, dataset: dataset?.body as Dataset | undefined };
  });
}

/** The one that is named; else, for a stored version, what is live in its place. */
async function baselineOf(
  request: EvaluationRequest,
  named: NamedSubject,
  candidate: Subject,
  store: EvaluationStore,
): Promise<Subject | undefined> {
  if (request.baseline !== undefined) return loadSubject(await readSubject(request.baseline), store.versions);
  if (named.kind === "file") return undefined;
  return store.withDatabase(async (db) => {
    const served = await servedVersion(db, request.scope(named.prompt));
    if (served === null || served === candidate.versionId) return undefined;
    const row = await findVersionById(db, served);
    return row && stored(keptVersion(row));
  });
}
