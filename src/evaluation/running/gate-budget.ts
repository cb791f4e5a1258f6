import { type ModelTarget, parseModelTarget } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";
import { type Budget, memoryBudget } from "../../providers/budget.ts";
import type { Providers } from "../../providers/create-providers.ts";
import type { Assertion } from "../grading/assertions/assertion.ts";
import { ASSERTION_KINDS } from "../grading/assertions/registry.ts";
import { DEFAULT_EMBEDDING } from "../grading/assertions/similarity.ts";
import type { CaseResult } from "../grading/case-result.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import type { PreparedEvaluation } from "./prepared-evaluation.ts";

/** The gate's own budget, less what the recorded results have cost. */
export function gateBudget(gate: EvaluationPolicy, recorded: readonly CaseResult[]): Budget | undefined {
  if (gate.max_cost_usd === undefined) return undefined;
  const spent = recorded.reduce((total, { costUsd }) => total + (costUsd ?? 0), 0);
  return memoryBudget(gate.max_cost_usd, spent);
}

/** A budget holds only where every price is known. */
export function checkPrices(
  { arms, fallbacks, judge, cases }: Pick<PreparedEvaluation, "arms" | "fallbacks" | "judge" | "cases">,
  providers: Providers,
): void {
  const asked = [...arms, ...fallbacks.map(({ arm }) => arm)].map(({ target }) => target);
  const judges = cases.some(({ assert }) => assert.some(isJudged)) ? [judge] : [];
  const own = cases.flatMap(({ assert }) => assert.flatMap(ownModels));
  const ofCases = cases.flatMap(({ ownModel }) => (ownModel ? [parseModelTarget(ownModel.model)!] : []));
  for (const { provider, model } of [...asked, ...ofCases, ...judges, ...own])
    if (!providers.priceOf({ provider, model }))
      throw invalidInput(
        `the price of ${provider}/${model} is not known, so max_cost_usd cannot be kept; add it to the prices file, or leave max_cost_usd out`,
        { model: `${provider}/${model}` },
      );
}

/** Models that assertions ask for themselves, to judge or to embed. */
export function ownModels({ type, judge, embedding, assert }: Assertion): ModelTarget[] {
  const kind = ASSERTION_KINDS.get(type);
  const embeds = kind?.embedded ? [(kind.judged ? embedding : judge) ?? DEFAULT_EMBEDDING] : [];
  const names = [...(judge !== undefined && kind?.judged ? [judge] : []), ...embeds];
  return [...names.map((name) => parseModelTarget(name)!), ...(assert ?? []).flatMap(ownModels)];
}

export function isJudged({ type, judge, assert }: Assertion): boolean {
  return (ASSERTION_KINDS.get(type)?.judged === true && judge === undefined) || (assert ?? []).some(isJudged);
}
