import { digestJson } from "../../digest.ts";
import type { CallTarget } from "../../providers/completion.ts";
import type { Providers } from "../../providers/create-providers.ts";
import { isComparative } from "../dataset/comparative-case.ts";
import { caseContent } from "../dataset/dataset.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import { isJudged } from "./gate-budget.ts";
import { JUDGE_VERSION } from "../grading/assertions/judge.ts";
import type { CaseRun } from "./run-case.ts";

/** Raised when the same answer may be graded differently than before. */
const GRADING_VERSION = 5;

/**
 * Under which a result may be found again by a later evaluation: a digest of everything that it depends on.
 * That is the artifact (so model and parameters), the case, the repeat, the endpoint, the judge where one is
 * asked, and whether a budget limits answers. Undefined where another answer is part of it: the other version's, or an
 * earlier case's.
 */
export function reuseKey(
  { arm, testCase, repeat }: CaseRun,
  context: { readonly judge: CallTarget; readonly gate: EvaluationPolicy; readonly providers: Providers },
): string | undefined {
  if (isComparative(testCase) || testCase.inSequence) return undefined;
  const { judge, gate, providers } = context;
  const judged = testCase.assert.some(isJudged) && {
    model: `${judge.provider}/${judge.model}`,
    endpoint: providers.endpointOf(judge),
  };
  return digestJson({
    artifact: digestJson(arm.artifact),
    case: caseContent(testCase),
    repeat,
    ...(arm.isChatText && { chat: true }),
    ...(Object.keys(arm.way).length > 0 && { way: { ...arm.way } }),
    endpoint: providers.endpointOf(arm.target),
    judged,
    versions: [GRADING_VERSION, JUDGE_VERSION],
    limited: gate.max_cost_usd !== undefined,
  });
}
