import { dirname } from "node:path";
import { invalidInput } from "../domain/errors.ts";
import { readSource } from "../domain/source-document.ts";
import { confinedFiles } from "../evaluation/confined-files.ts";
import type { EvaluationPolicy } from "../evaluation/evaluate.ts";
import { isPromptfooConfig } from "../evaluation/promptfoo/config-schema.ts";
import { parsePromptfooConfig, type PromptfooConfig } from "../evaluation/promptfoo/parse-config.ts";
import { isFileArgument } from "./evaluation-subject.ts";
import { loadPolicyFile } from "./load-policy.ts";
import { type EvaluationRequest, gateOf } from "./evaluation-request.ts";
import { type Quick, quickDataset } from "./quick-evaluation.ts";
import { readTextFile } from "./read-file.ts";

/** A promptfoo configuration, ready to run: each of its prompts with each of its providers. */
export interface PlannedConfiguration {
  readonly kind: "configuration";
  readonly name: string;
  readonly config: PromptfooConfig;
  readonly gate: EvaluationPolicy;
  readonly quick?: Quick;
}

/** The subject as a promptfoo configuration; undefined when it is something else. */
export async function planConfiguration(
  request: EvaluationRequest,
): Promise<PlannedConfiguration | undefined> {
  const { subject } = request;
  if (!isFileArgument(subject)) return undefined;
  const text = await readTextFile(subject, "a prompt file");
  if (!isPromptfooConfig(readSource(text, subject).value)) return undefined;
  if (request.baseline !== undefined || request.datasetFile !== undefined)
    throw invalidInput(
      `${subject}: is a promptfoo configuration: it has its own cases, and takes no --baseline or --dataset`,
    );
  const config = parsePromptfooConfig(text, subject, {
    files: confinedFiles(dirname(subject)),
    env: request.env ?? {},
  });
  const policy = request.policyFile === undefined ? undefined : await loadPolicyFile(request.policyFile);
  const gate = gateOf(policy?.policy.gate, request);
  const planned = {
    kind: "configuration" as const,
    name: subject,
    gate: { ...gate, repeats: request.limits.repeats ?? config.repeats },
  };
  if (!request.quick) return { ...planned, config };
  // Its columns say which models are compared: quick or not, those are asked.
  const cases = policy?.policy.gate?.quick?.cases;
  const { dataset, quick } = quickDataset(config.dataset, cases === undefined ? {} : { cases });
  return { ...planned, config: { ...config, dataset }, quick };
}
