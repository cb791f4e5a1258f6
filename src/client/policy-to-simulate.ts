import { invalidInput } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { SimulateRequest } from "./requests.ts";

/** The policy that a request brings, itself or in a file; undefined where that of its prompt is meant. */
export async function policyToSimulate({
  prompt,
  policyFile,
  policy,
}: SimulateRequest): Promise<RolloutPolicy | undefined> {
  if (policyFile !== undefined) {
    const { loadPolicyFile } = await import("../use-cases/load-policy.ts");
    return (await loadPolicyFile(policyFile)).policy;
  }
  if (policy !== undefined) {
    const { readPolicyDocument } = await import("../use-cases/load-policy-document.ts");
    return readPolicyDocument(policy);
  }
  if (prompt !== undefined) return undefined;
  throw invalidInput("name the policy to simulate: --policy FILE, or a prompt that has one");
}
