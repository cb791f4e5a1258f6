import { digestJson } from "../digest.ts";
import { invalidInput, messageOf } from "../domain/errors.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { GatePolicy, RolloutPolicy } from "../domain/policy/policy.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import { judgeDigest } from "../evaluation/grading/assertions/judge.ts";
import type { RequestedEvaluation } from "../evaluation/verdict/kept-evaluation.ts";
import { createArm } from "../evaluation/running/arm.ts";
import { bindCases } from "../evaluation/running/binding/bind-cases.ts";
import { countRuns } from "../evaluation/running/case-runs.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById, requireVersion, versionName, type VersionRow } from "../storage/read/version.ts";
import { installationOrigin } from "../storage/read/installation.ts";
import { transact } from "../storage/transact.ts";
import { failEvaluation, locateEvaluation, openEvaluation } from "../storage/write/open-evaluation.ts";
import { chooseGate, type Limits } from "./choose-gate.ts";
import { loadPolicyDocument, readDatasetDocument } from "./load-policy-document.ts";
import { keepDatasets, storeDataset } from "./keep-datasets.ts";

export interface RequestEvaluation {
  /** Asked for again under this id it is the same one. */
  readonly id: string;
  readonly prompt: string;
  readonly number: number;
  /** Of the same prompt; what the scope serves when absent, nothing when null. */
  readonly baseline?: number | null | undefined;
  readonly scope: ScopeColumns;
  /** As values. The prompt's own policy where there is none, and its cases where none are given either. */
  readonly policy?: unknown;
  readonly dataset?: unknown;
  /** Take the place of the gate's. */
  readonly limits?: Limits | undefined;
  /** Least pass rate where no gate says one. */
  readonly passRateThreshold?: number | undefined;
  /** What it may spend at most, in US dollars. */
  readonly maxCostUsd: number;
  readonly by: string;
}

/**
 * Has workers evaluate a stored version, whoever waits for it: its row first, then its workflow. What is wrong with
 * the cases is `invalid_input`, before anything is kept. It never vouches for a move, as one by hand does not.
 */
export async function requestEvaluation(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  request: RequestEvaluation,
): Promise<RequestedEvaluation> {
  const { id, maxCostUsd } = request;
  const candidate = await requireVersion(db, request);
  const baseline = await baselineOf(db, request, candidate);
  const chosen = await gateAndCases(db, request);
  const { limits, passRateThreshold } = request;
  const gate = chooseGate(chosen.gate, {
    limits: { ...limits, max_cost_usd: maxCostUsd },
    passRateThreshold,
  }) as GatePolicy;
  const { dataset } = chosen;
  const arms = armsOf(candidate.artifact, baseline?.artifact);
  const cases = bindCases(dataset, arms);
  const kept = await keepDatasets(db, [dataset]);
  await transact(db, async (transaction) => {
    const datasetId = await storeDataset(transaction, dataset, kept);
    await openEvaluation(transaction, {
      id,
      prompt: request.prompt,
      by: request.by,
      candidateVersion: candidate.id,
      baselineVersion: baseline?.id ?? null,
      datasetSha256: datasetId,
      gate,
      gateSha256: digestJson(gate),
      judgeSha256: judgeDigest(gate),
    });
  });
  const name = versionName(candidate);
  const installation = await installationOrigin(db);
  try {
    await port.use(async (temporal) => {
      await locateEvaluation(db, id, await temporal.place());
      await temporal.startEvaluation({ evaluationId: id, candidate: name, installation });
    });
  } catch (error) {
    // Where it was begun all the same, its end takes the place of this.
    await failEvaluation(db, id, `it could not be started: ${messageOf(error)}`);
    throw error;
  }
  return {
    evaluationId: id,
    candidate: name,
    baseline: baseline ? versionName(baseline) : null,
    cases: cases.length,
    runs: countRuns(candidate.artifact, arms.length, { dataset, cases, gate }),
    maxCostUsd,
  };
}

function armsOf(candidate: Artifact, baseline: Artifact | undefined) {
  const arms = [createArm("candidate", candidate)];
  return baseline ? [...arms, createArm("baseline", baseline)] : arms;
}

async function baselineOf(
  db: Database,
  { prompt, baseline: number, scope }: RequestEvaluation,
  candidate: VersionRow,
): Promise<VersionRow | undefined> {
  if (number === null) return undefined;
  if (number !== undefined) return requireVersion(db, { prompt, number });
  const served = await servedVersion(db, scope);
  return served === null || served === candidate.id ? undefined : findVersionById(db, served);
}

interface GateAndCases {
  readonly gate: GatePolicy | undefined;
  readonly dataset: Dataset;
}

async function gateAndCases(
  db: Database,
  { prompt, policy: written, dataset: cases }: RequestEvaluation,
): Promise<GateAndCases> {
  if (written !== undefined) {
    const { policy, dataset } = loadPolicyDocument({ policy: written, dataset: cases });
    if (policy.gate && dataset) return { gate: policy.gate, dataset };
    throw invalidInput("policy: it has no gate, so there is nothing to evaluate by");
  }
  const sha256 = await promptPolicySha256(db, prompt);
  const policy = sha256 === null ? undefined : await findDocument(db, sha256);
  const gate = (policy?.body as RolloutPolicy | undefined)?.gate;
  if (cases !== undefined) return { gate, dataset: readDatasetDocument(cases) };
  const stored = gate?.dataset_sha256 === undefined ? undefined : await findDocument(db, gate.dataset_sha256);
  if (stored) return { gate, dataset: stored.body as Dataset };
  throw invalidInput(
    `${prompt} has no policy with a gate: give the test cases as dataset, or a policy with them`,
    { prompt },
  );
}
