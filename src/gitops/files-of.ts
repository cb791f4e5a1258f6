import { basename, dirname, join, resolve } from "node:path";
import { SluiceError } from "../domain/errors.ts";
import { loadPromptPolicy, type PolicyOfFile } from "../use-cases/load-policy.ts";
import type { PromptFileOnDisk } from "../use-cases/push.ts";
import type { Repository } from "./open-repository.ts";

/**
 * Every file that says what a repository's prompts are and how they are rolled out: `sluice.yaml`, prompts, policies and
 * the test cases that they name. Whole paths, each once.
 *
 * @param cwd where the repository's paths are from
 */
export async function filesOf(
  { file, folder, settings, prompts }: Repository,
  cwd: string,
): Promise<string[]> {
  const own = join(folder, basename(file));
  const common = [settings.policy, ...settings.environments.map(({ policy }) => policy)];
  const paths = [
    own,
    ...prompts.flatMap((prompt) => [resolve(cwd, prompt.path), ...gateFiles(prompt, undefined, cwd)]),
  ];
  for (const policy of new Set(common))
    if (policy !== undefined)
      try {
        paths.push(...policyFiles(await loadPromptPolicy(policy, own)));
      } catch (error) {
        // What is wrong with it is said where it is used.
        if (!(error instanceof SluiceError)) throw error;
      }
  return [...new Set(paths)];
}

/** The files that a prompt's gate is made of: its policy, or the repository's, and its cases. Whole paths. */
export function gateFiles(
  { path, file, policy }: PromptFileOnDisk,
  common: PolicyOfFile | undefined,
  cwd = ".",
): string[] {
  if (!policy) return common ? policyFiles(common) : [];
  const own = resolve(cwd, path);
  const named = typeof file.policy === "string" ? resolve(dirname(own), file.policy) : own;
  return [named, ...datasetOf(policy, named)];
}

function policyFiles(policy: PolicyOfFile): string[] {
  const path = resolve(policy.name.replace(/ \(policy\)$/, ""));
  return [path, ...datasetOf(policy, path)];
}

function datasetOf({ policy }: PolicyOfFile, path: string): string[] {
  const dataset = policy.gate?.dataset;
  return dataset === undefined ? [] : [resolve(dirname(path), dataset)];
}
