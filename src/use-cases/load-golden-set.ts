import { digestJson } from "../digest.ts";
import type { GatePolicy } from "../domain/policy/policy.ts";
import { judgeDigest } from "../evaluation/grading/assertions/judge.ts";
import type { Database } from "../storage/database.ts";
import { ownPolicy } from "./load-policy-document.ts";

/** What the gate of a prompt's own policy asks. */
export interface GoldenSet {
  readonly gate: GatePolicy;
  readonly datasetSha256: string;
  readonly judgeSha256: string;
  /** Of the dataset and the judge: only what was asked the same is compared. */
  readonly askedSha256: string;
}

/** The test cases that a live version is asked again, or why there are none. */
export async function loadGoldenSet(db: Database, prompt: string): Promise<GoldenSet | string> {
  const gate = (await ownPolicy(db, prompt))?.gate;
  const datasetSha256 = gate?.dataset_sha256;
  if (!gate || datasetSha256 === undefined)
    return `${prompt} has no policy with a gate, so there are no test cases to ask again: push it with one, then set the monitor again`;
  const judgeSha256 = judgeDigest(gate);
  const askedSha256 = digestJson({ dataset: datasetSha256, judge: judgeSha256 });
  return { gate, datasetSha256, judgeSha256, askedSha256 };
}

/** As the gate asks and judges, but with no limit: it is compared with the version's own answers, and no release is decided. */
export function gateToAskAgain(
  gate: GatePolicy,
  { repeats, maxCostUsd }: { readonly repeats: number; readonly maxCostUsd: number },
): GatePolicy {
  const { max_token_growth: _, quick: __, ...rest } = gate;
  return {
    ...rest,
    repeats,
    min_pass_rate: 0,
    strict: false,
    fallbacks: false,
    max_cost_usd: maxCostUsd,
  };
}
