import type { PolicyDocument } from "../use-cases/load-policy.ts";
import type { GivenPolicy } from "./requests.ts";

/** A policy and its test cases as they are sent where no file is read: as they were given, or as their files have them. */
export async function writtenPolicy({
  policyFile,
  policy,
  dataset,
}: GivenPolicy): Promise<Partial<PolicyDocument>> {
  if (policyFile === undefined) return { policy, dataset };
  const { loadPolicyFile } = await import("../use-cases/load-policy.ts");
  return (await loadPolicyFile(policyFile)).written();
}
