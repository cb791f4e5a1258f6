import { invalidInput } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { Database } from "../storage/database.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { loadPolicyFile, type LoadedPolicy } from "./load-policy.ts";

/** Where a policy may come from; with nothing given it is the one that was pushed with the prompt. */
export interface PolicyChoice {
  /** Path of a policy. */
  readonly policyFile?: string | undefined;
  /** A policy that is stored already, instead of a path. */
  readonly policySha256?: string | undefined;
  /** A policy that came with the request, instead of a path. */
  readonly policy?: LoadedPolicy | undefined;
}

export interface ChosenPolicy {
  readonly policy: RolloutPolicy;
  /** A policy that was read from a file, or the digest of one that is stored. */
  readonly source: LoadedPolicy | string;
}

/** The policy that a rollout of this prompt follows; `invalid_input` where there is none. */
export async function choosePolicy(
  db: Database,
  prompt: string,
  { policyFile, policy: given, policySha256: named }: PolicyChoice,
): Promise<ChosenPolicy> {
  if (given) return { policy: given.policy, source: given };
  if (policyFile !== undefined) {
    const source = await loadPolicyFile(policyFile);
    return { policy: source.policy, source };
  }
  const sha256 = named ?? (await promptPolicySha256(db, prompt));
  const stored = sha256 === null ? undefined : await findDocument(db, sha256);
  if (!stored)
    throw invalidInput(
      `${prompt} has no rollout policy: name one with --policy FILE, or give the prompt file a policy and push it`,
      { prompt },
    );
  return { policy: stored.body as RolloutPolicy, source: sha256! };
}
