import { dirname } from "node:path";
import { invalidInput } from "../domain/errors.ts";
import type { GatePolicy, RolloutPolicy } from "../domain/policy.ts";
import { readSource } from "../domain/source-document.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import { confinedFiles } from "../evaluation/confined-files.ts";
import type { Dataset } from "../evaluation/dataset.ts";
import type { EvaluationPolicy } from "../evaluation/evaluate.ts";
import { isPromptfooConfig } from "../evaluation/promptfoo/config-schema.ts";
import { parsePromptfooConfig } from "../evaluation/promptfoo/parse-config.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById, requireVersion, versionName, type VersionRow } from "../storage/read/version.ts";
import { isFileArgument, readSubject, type NamedSubject, type Subject } from "./evaluation-subject.ts";
import { loadDataset, loadPolicyFile, loadPromptPolicy } from "./load-policy.ts";
import { readTextFile } from "./read-file.ts";
import { resolveIncludes } from "./resolve-includes.ts";

export interface EvaluationRequest {
  /** `NAME[@N]`, a prompt file, or a promptfoo configuration. */
  readonly subject: string;
  readonly baseline?: string | undefined;
  readonly datasetFile?: string | undefined;
  readonly policyFile?: string | undefined;
  readonly repeats?: number | undefined;
  /** Where a stored version's baseline is looked for when none is named. */
  readonly scope: (prompt: string) => ScopeColumns;
}

export interface PlannedEvaluation {
  readonly candidate: Subject;
  readonly baseline: Subject | undefined;
  readonly dataset: Dataset;
  readonly gate: EvaluationPolicy;
  readonly concurrency?: number;
}

/** Runs with the store; asked for only where a stored version is named. */
export type WithStore = <T>(work: (db: Database) => Promise<T>) => Promise<T>;

const DEFAULT_GATE: EvaluationPolicy = { repeats: 1, min_pass_rate: 0.9, max_regression: 0.05 };

/** Reads everything that an evaluation needs. With files alone the store is never asked for. */
export async function planEvaluation(
  request: EvaluationRequest,
  withStore: WithStore,
): Promise<PlannedEvaluation[]> {
  const columns = await promptfooColumns(request);
  if (columns) return columns;
  const named = await readSubject(request.subject);
  const candidate = await subjectOf(named, withStore);
  const policy = await policyOf(request, named, withStore);
  const dataset =
    request.datasetFile === undefined ? policy?.dataset : await loadDataset(request.datasetFile);
  if (!dataset)
    throw invalidInput(
      `${request.subject}: there are no test cases: name a dataset with --dataset FILE, or a policy with a gate (--policy FILE)`,
    );
  const baseline = await baselineOf(request, named, candidate, withStore);
  return [{ candidate, baseline, dataset, gate: gateOf(policy?.gate, request) }];
}

function gateOf(gate: GatePolicy | undefined, { repeats }: EvaluationRequest): EvaluationPolicy {
  return { ...(gate ?? DEFAULT_GATE), ...(repeats !== undefined && { repeats }) };
}

async function promptfooColumns(request: EvaluationRequest): Promise<PlannedEvaluation[] | undefined> {
  const { subject } = request;
  if (!isFileArgument(subject)) return undefined;
  const text = await readTextFile(subject, "a prompt file");
  if (!isPromptfooConfig(readSource(text, subject).value)) return undefined;
  if (request.baseline !== undefined || request.datasetFile !== undefined)
    throw invalidInput(
      `${subject}: is a promptfoo configuration: it has its own cases, and takes no --baseline or --dataset`,
    );
  const config = parsePromptfooConfig(text, subject, { files: confinedFiles(dirname(subject)) });
  const policy = request.policyFile === undefined ? undefined : await loadPolicyFile(request.policyFile);
  return config.columns.map(({ label, artifact }) => ({
    candidate: { name: label, versionId: null, artifact },
    baseline: undefined,
    dataset: config.dataset,
    gate: { ...gateOf(policy?.policy.gate, request), repeats: request.repeats ?? config.repeats },
    ...(config.concurrency !== undefined && { concurrency: config.concurrency }),
  }));
}

async function subjectOf(named: NamedSubject, withStore: WithStore): Promise<Subject> {
  if (named.kind === "file") {
    const { file } = named;
    const artifact = file.includes ? await withStore((db) => resolveIncludes(db, file)) : file.artifact;
    return { name: named.path, versionId: null, artifact };
  }
  return stored(await withStore((db) => requireVersion(db, reference(named))));
}

function reference({ prompt, number }: Extract<NamedSubject, { kind: "stored" }>) {
  return number === undefined ? { prompt } : { prompt, number };
}

function stored(row: VersionRow): Subject {
  return { name: versionName(row), versionId: row.id, artifact: row.artifact };
}

interface GateAndCases {
  readonly gate: GatePolicy | undefined;
  readonly dataset: Dataset | undefined;
}

async function policyOf(
  request: EvaluationRequest,
  named: NamedSubject,
  withStore: WithStore,
): Promise<GateAndCases | undefined> {
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
  return withStore(async (db) => {
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
  withStore: WithStore,
): Promise<Subject | undefined> {
  if (request.baseline !== undefined) return subjectOf(await readSubject(request.baseline), withStore);
  if (named.kind === "file") return undefined;
  return withStore(async (db) => {
    const served = await servedVersion(db, request.scope(named.prompt));
    if (served === null || served === candidate.versionId) return undefined;
    const row = await findVersionById(db, served);
    return row && stored(row);
  });
}
