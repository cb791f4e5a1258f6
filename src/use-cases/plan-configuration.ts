import { dirname } from "node:path";
import { invalidInput } from "../domain/errors.ts";
import { readSource } from "../domain/prompt/source-document.ts";
import { confinedFiles } from "../evaluation/dataset/confined-files.ts";
import type { EvaluationPolicy } from "../evaluation/evaluate.ts";
import { isPromptfooConfig } from "../evaluation/dataset/promptfoo-config-schema.ts";
import { configuredIn } from "../evaluation/promptfoo/config-endpoint.ts";
import { withMadeTests } from "../evaluation/promptfoo/made-tests.ts";
import { parsePromptfooConfig, type PromptfooConfig } from "../evaluation/promptfoo/parse-config.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import { isFileArgument, readSubject, type Subject } from "./read-subject.ts";
import { gitFilesBeside, parseGitPath, readGitFile } from "./read-git-file.ts";
import { loadSubject } from "./load-subject.ts";
import { loadPolicyFile } from "./load-policy.ts";
import { type EvaluationRequest, chooseGate } from "./choose-gate.ts";
import { type Quick, quickDataset } from "../evaluation/running/quick-evaluation.ts";
import { readTextFile } from "./read-file.ts";
import type { VersionLookup } from "../domain/prompt/include.ts";

/** A version against its baseline, ready to run. */
export interface PlannedComparison {
  readonly kind: "comparison";
  readonly candidate: Subject;
  readonly baseline: Subject | undefined;
  readonly dataset: Dataset;
  readonly gate: EvaluationPolicy;
  /** Case runs under way at once, where a configuration says so. */
  readonly concurrency?: number;
  readonly quick?: Quick;
  /** The versions are asked otherwise than they say: what is found is no result of theirs. */
  readonly altered?: boolean;
}

/** A promptfoo configuration, ready to run: each of its prompts with each of its providers. */
export interface PlannedConfiguration {
  readonly kind: "configuration";
  readonly name: string;
  readonly config: PromptfooConfig;
  readonly gate: EvaluationPolicy;
  readonly quick?: Quick;
}

/**
 * The subject as a promptfoo configuration; undefined when it is something else. With a baseline it is a
 * comparison of its one prompt with that.
 */
export async function planConfiguration(
  request: EvaluationRequest,
  versions: VersionLookup,
): Promise<PlannedConfiguration | PlannedComparison | undefined> {
  const { subject, access } = request;
  if (!isFileArgument(subject)) return undefined;
  const text = await readTextFile(subject, "a prompt file");
  const source = readSource(text, subject);
  if (!isPromptfooConfig(source.value)) return undefined;
  if (request.datasetFile !== undefined)
    throw invalidInput(
      `${subject}: is a promptfoo configuration: it has its own cases, and takes no --dataset`,
    );
  if (request.temperature !== undefined)
    throw invalidInput(
      `${subject}: is a promptfoo configuration: its providers say the temperature, and it takes no --temperature`,
    );
  const files = confinedFiles(dirname(subject));
  const written = parsePromptfooConfig(text, subject, {
    files,
    document: await withMadeTests(source, files, configuredIn({ own: access?.own ?? {} })),
    ...(access && { access }),
  });
  const policy = request.policyFile === undefined ? undefined : await loadPolicyFile(request.policyFile);
  const gate = {
    ...chooseGate(policy?.policy.gate, request),
    repeats: request.limits.repeats ?? written.repeats,
  };
  // Its columns say which models are compared: quick or not, those are asked.
  const cases = policy?.policy.gate?.quick?.cases;
  const { dataset, quick } = request.quick
    ? quickDataset(written.dataset, cases === undefined ? {} : { cases })
    : { dataset: written.dataset, quick: undefined };
  const config = { ...written, dataset };
  const planned = { gate, ...(quick && { quick }) };
  if (request.baseline === undefined) return { kind: "configuration", name: subject, config, ...planned };
  const candidate = onlyColumn(config, subject, "--baseline is compared with one");
  const compared = comparable(dataset);
  const baseline = await baselineOf(request.baseline, request, compared, versions);
  const concurrency = config.concurrency === undefined ? {} : { concurrency: config.concurrency };
  return { kind: "comparison", candidate, baseline, dataset: compared, ...concurrency, ...planned };
}

/** The cases that a comparison can learn from: one that asserts nothing passes in both versions, and would hide a fall. */
function comparable(dataset: Dataset): Dataset {
  const cases = dataset.cases.filter(({ assert }) => assert.length > 0);
  if (cases.length > 0) return { ...dataset, cases };
  throw invalidInput(
    `${dataset.name}: no test case asserts anything, so two versions cannot be compared; add assert: to the cases or to defaultTest`,
    { file: dataset.name },
  );
}

/** What a configuration asks, where that is one prompt of one provider. */
function onlyColumn({ columns }: PromptfooConfig, name: string, why: string): Subject {
  const [only, ...others] = columns;
  if (only && others.length === 0) {
    const { artifact, endpoint, isChatText, way } = only;
    return {
      name,
      versionId: null,
      artifact,
      way,
      ...(endpoint && { endpoint }),
      ...(isChatText && { isChatText }),
    };
  }
  throw invalidInput(
    `${name}: has ${columns.length} prompts and providers to ask (${columns.map(({ label }) => label).join("; ")}), and ${why}; leave one prompt and one provider in it, or compare them with each other without --baseline`,
    { columns: columns.map(({ label }) => label) },
  );
}

/** A version, a prompt file, or the one prompt of another configuration, asked the same cases. */
async function baselineOf(
  text: string,
  { access }: EvaluationRequest,
  dataset: Dataset,
  versions: VersionLookup,
): Promise<Subject> {
  const git = text.startsWith("git:") ? parseGitPath(text) : undefined;
  const body = git
    ? await readGitFile(git)
    : isFileArgument(text)
      ? await readTextFile(text, "a prompt file")
      : undefined;
  if (body === undefined || !isPromptfooConfig(readSource(body, text).value))
    return loadSubject(await readSubject(text), versions);
  const files = git ? gitFilesBeside(git) : confinedFiles(dirname(text));
  const config = parsePromptfooConfig(body, text, { files, dataset, ...(access && { access }) });
  return onlyColumn(config, text, "a baseline is one");
}
