import type { PolicyDocument } from "../use-cases/load-policy.ts";
import type { EvaluateRequest } from "./requests.ts";
import { writtenPolicy } from "./written-policy.ts";

/** What an evaluation is made by, as values: a policy with its test cases, or test cases in place of the policy's. */
export async function writtenGate(request: EvaluateRequest): Promise<Partial<PolicyDocument>> {
  const { policy, dataset } = await writtenPolicy(request);
  const { datasetFile } = request;
  if (datasetFile === undefined) return { policy, dataset };
  const { loadWrittenDataset } = await import("../use-cases/load-policy.ts");
  return { policy, dataset: await loadWrittenDataset(datasetFile) };
}
