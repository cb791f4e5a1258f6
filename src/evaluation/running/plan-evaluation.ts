import { percent } from "../../domain/text/percent.ts";
import { counted } from "../../domain/text/counted.ts";
import type { CallTarget } from "../../providers/completion.ts";
import type { Providers } from "../../providers/create-providers.ts";
import { countTokens } from "../../providers/token-count.ts";
import { normalQuantile } from "../../statistics/distributions.ts";
import { excludableRegression, gatePassProbability } from "../../statistics/inference/paired-proportions.ts";
import { sizeSentence } from "../../statistics/gate.ts";
import { type Arm, armOf, promptText, tryRender } from "./arm.ts";
import { ASSERTION_KINDS } from "../grading/assertions/registry.ts";
import type { Assertion } from "../grading/assertions/assertion.ts";
import type { TestCase } from "../dataset/dataset.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import type { CaseRun } from "./run-case.ts";

/** What an evaluation will take and what it can find, said before the first paid call. */
export interface EvaluationPlan {
  readonly cases: number;
  readonly repeats: number;
  /** Calls that are still to be made: answers, and judges of them. */
  readonly calls: number;
  readonly judgeCalls: number;
  /** In US dollars; null when a price is not known. */
  readonly expectedCostUsd: number | null;
  /** The chance, 0 to 1, that a version exactly as good as its baseline passes; null without a baseline. */
  readonly passProbability: number | null;
  /** The smallest regression that can be ruled out when every case comes out alike; null without a baseline. */
  readonly excludable: number | null;
  /** The smallest regression, as a fraction of cases, that is proven four times out of five; null without a baseline. */
  readonly detectable: number | null;
  /** One plain line. */
  readonly summary: string;
}

/** Share of cases that is assumed to come out differently by chance, before anything is known. */
const ASSUMED_DISCORDANT = 0.0625;
const ASSUMED_SD = Math.sqrt(ASSUMED_DISCORDANT);
/** Tokens of an answer that are assumed, at most the prompt's own limit. */
const ASSUMED_OUTPUT = 250;
/** Tokens that a judge's instructions and verdict add to what it judges. */
const JUDGE_INPUT = 200;
const JUDGE_OUTPUT = 100;
/** Prompts that are counted; the others are taken to be as long. */
const SAMPLE = 20;

/** @param todo the runs that are still to be made */
export async function planEvaluation(
  prepared: {
    readonly arms: readonly Arm[];
    readonly cases: readonly TestCase[];
    readonly judge: CallTarget;
  },
  todo: readonly CaseRun[],
  gate: EvaluationPolicy,
  providers: Providers,
): Promise<EvaluationPlan> {
  const { judge } = prepared;
  const cases = prepared.cases.length;
  const hasBaseline = prepared.arms.length > 1;
  const judgeCalls = todo.reduce((total, { testCase }) => total + countJudged(testCase.assert), 0);
  const expectedCostUsd = await expectCost(todo, judgeCalls, providers, judge);
  const odds = hasBaseline
    ? gatePassProbability({ cases, discordant: ASSUMED_DISCORDANT, maxRegression: gate.max_regression })
    : undefined;
  const passProbability = odds?.ok ? odds.probability : null;
  const detectable =
    hasBaseline && cases > 1
      ? ((normalQuantile(0.95) + normalQuantile(0.8)) * ASSUMED_SD) / Math.sqrt(cases)
      : null;
  const facts = { cases, repeats: gate.repeats, calls: todo.length + judgeCalls, judgeCalls };
  const excludable = hasBaseline ? excludableRegression(cases) : null;
  const numbers = { expectedCostUsd, passProbability, excludable, detectable };
  return { ...facts, ...numbers, summary: summarise({ ...facts, ...numbers }, gate) };
}

function countJudged(assertions: readonly Assertion[]): number {
  return assertions.reduce(
    (total, { type, assert }) =>
      total + (ASSERTION_KINDS.get(type)?.judged ? 1 : 0) + countJudged(assert ?? []),
    0,
  );
}

async function expectCost(
  todo: readonly CaseRun[],
  judgeCalls: number,
  providers: Providers,
  judge: CallTarget,
): Promise<number | null> {
  if (todo.length === 0) return 0;
  const step = Math.max(1, Math.floor(todo.length / SAMPLE));
  let sampled = 0;
  let costUsd = 0;
  let outputs = 0;
  for (let at = 0; at < todo.length; at += step) {
    const { arm: version, testCase } = todo[at]!;
    const arm = armOf(version, testCase);
    const price = providers.priceOf(arm.target);
    if (!price) return null;
    const rendered = tryRender(version, testCase);
    // Fails without a call.
    if (!rendered) continue;
    const { tokens } = await countTokens(promptText(rendered.messages), arm.artifact.model);
    const limit = arm.artifact.params["max_tokens"] ?? arm.artifact.params["max_completion_tokens"];
    const output = Math.min(ASSUMED_OUTPUT, typeof limit === "number" ? limit : ASSUMED_OUTPUT);
    costUsd += (tokens * price.input + output * price.output) / 1_000_000;
    outputs += output;
    sampled += 1;
  }
  if (sampled === 0) return 0;
  const answers = (costUsd / sampled) * todo.length;
  if (judgeCalls === 0) return answers;
  const price = providers.priceOf(judge);
  if (!price) return null;
  const input = JUDGE_INPUT + outputs / sampled;
  return answers + (judgeCalls * (input * price.input + JUDGE_OUTPUT * price.output)) / 1_000_000;
}

function summarise(plan: Omit<EvaluationPlan, "summary">, gate: EvaluationPolicy): string {
  const { cases, repeats, calls, expectedCostUsd, passProbability, excludable, detectable } = plan;
  const often = repeats > 1 ? `, each ${counted(repeats, "time")}` : "";
  const cost =
    expectedCostUsd === null
      ? "at a price that is not known"
      : `for about $${expectedCostUsd.toPrecision(2)}`;
  const parts = [`${counted(cases, "case")}${often}: ${counted(calls, "call")} ${cost}`];
  if (gate.max_cost_usd !== undefined && expectedCostUsd !== null && expectedCostUsd > gate.max_cost_usd)
    parts.push(`more than the budget of $${gate.max_cost_usd}, so it will not get to the end`);
  if (excludable !== null) parts.push(sizeSentence(cases, gate.max_regression));
  if (passProbability !== null)
    parts.push(`a version as good as its baseline passes about ${percent(passProbability, 2)} of the time`);
  if (detectable !== null) parts.push(`a fall of ${percent(detectable, 2)} is proven four times out of five`);
  return parts.join("; ");
}
