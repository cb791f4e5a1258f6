import { setTimeout } from "node:timers/promises";
import { digestText } from "../../digest.ts";
import { SluiceError, messageOf } from "../../domain/errors.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import { cut } from "../../domain/text/visible.ts";
import { type Budget, LedgerFailure } from "../../providers/budget.ts";
import { failureKind, isMisconfigured } from "../../providers/failure-kinds.ts";
import type { CallTarget, Completion, ToolCall } from "../../providers/completion.ts";
import type { Providers } from "../../providers/create-providers.ts";
import { flat } from "../../templates/segments.ts";
import type { CaseMemory } from "./case-memory.ts";
import { type Arm, armOf, promptText, renderCase, type RenderedCase } from "./arm.ts";
import type { DeclaredFunction, GradedAnswer } from "../grading/assertions/assertion-kind.ts";
import { answerValue, transformed } from "../grading/assertions/javascript.ts";
import { type CaseResult, MAX_COMPARED, MAX_OUTPUT } from "../grading/case-result.ts";
import { isComparative } from "../dataset/comparative-case.ts";
import { statesExpectation } from "../dataset/proves-something.ts";
import { describeCase, type TestCase } from "../dataset/dataset.ts";
import { gradeAnswer } from "../grading/grade-answer.ts";
import { delivering, Undelivered } from "../grading/undelivered.ts";

export interface CaseRun {
  readonly arm: Arm;
  readonly testCase: TestCase;
  readonly caseIndex: number;
  readonly repeat: number;
}

/** What case runs share: who is asked, who judges, and what ends them. */
export interface CaseContext {
  readonly providers: Providers;
  /** Judges what no assertion judges by a model of its own. */
  readonly judge: CallTarget;
  readonly budget?: Budget | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What earlier cases have left, where later ones use it. */
  readonly memory?: CaseMemory | undefined;
}

/** What went wrong before there was anything to check. */
const BROKEN: Readonly<Record<NonNullable<CaseResult["broken"]>, string>> = {
  render: "the prompt cannot be rendered",
  transform: "the transform failed",
  empty: "the answer is empty",
};

/** What a case's calls have taken so far: its answer's and its judges'. */
class Spent {
  input = 0;
  output = 0;
  costUsd: number | null = 0;

  add({ usage, costUsd }: Pick<Completion, "usage" | "costUsd">): void {
    this.input += usage.inputTokens;
    this.output += usage.outputTokens;
    this.costUsd = this.costUsd === null || costUsd === null ? null : this.costUsd + costUsd;
  }
}

/**
 * Asks one version one case, once, and checks the answer. What a provider or a judge did not deliver is a result
 * with an error, never a fail; a prompt that does not render, a transform that gives nothing and a check that
 * throws fail the case. A wrong key, an unknown model, a budget that cannot be kept and a cancellation concern
 * every case and are thrown.
 */
export async function runCase(run: CaseRun, context: CaseContext): Promise<CaseResult> {
  const { caseIndex, repeat } = run;
  const { providers, budget, signal, memory } = context;
  let { testCase } = run;
  const spent = new Spent();
  let answer: Completion | undefined;
  const result = (
    outcome: Pick<CaseResult, "pass" | "score" | "assertions" | "error" | "broken"> & { errorKind?: string },
  ): CaseResult => ({
    arm: run.arm.name,
    caseIndex,
    repeat,
    ...(testCase.description !== undefined && { description: testCase.description }),
    ...outcome,
    ...(answer?.finishReason === "length" && { cutOff: true as const }),
    ...kept(answer?.text ?? "", testCase),
    tokens: { input: spent.input, output: spent.output },
    costUsd: spent.costUsd,
    latencyMs: answer?.latencyMs ?? 0,
  });
  const broken = (at: NonNullable<CaseResult["broken"]>, error: unknown): CaseResult => {
    const reason = `${BROKEN[at]}: ${messageOf(error)}`;
    const assertions = [{ type: at, pass: false, score: 0, reason }];
    return result({ pass: false, score: 0, assertions, error: null, broken: at });
  };
  let arm = run.arm;
  let rendered: RenderedCase;
  try {
    testCase = memory?.recall(run) ?? testCase;
    arm = armOf(run.arm, testCase);
    rendered = renderCase(run.arm, testCase, (target) => providers.wordingOf(target));
  } catch (error) {
    return broken("render", error);
  }
  try {
    const { messages, request } = rendered;
    const { delayMs = 0, transform } = arm.way;
    answer =
      testCase.givenAnswer === undefined
        ? await providers.complete({ target: arm.target, request, budget, signal })
        : given(testCase.givenAnswer);
    if (delayMs > 0 && testCase.givenAnswer === undefined)
      await setTimeout(delayMs, undefined, signal ? { signal } : {});
    spent.add(answer);
    const judge = {
      target: context.judge,
      wordingOf: (target: CallTarget) => providers.wordingOf(target),
      async ask(question: Readonly<Record<string, unknown>>, target: CallTarget = context.judge) {
        const completion = await delivering(
          providers.complete({ target, request: question, budget, signal }),
        );
        spent.add(completion);
        return completion;
      },
      async embed(texts: readonly string[], target: CallTarget) {
        const embedded = await delivering(providers.embed({ target, input: texts, budget, signal }));
        spent.add(embedded);
        return embedded.vectors;
      },
    };
    const delivered: GradedAnswer = {
      text: answerText(answer),
      isStructured: answer.text === "" || arm.artifact.output_schema !== undefined,
      vars: testCase.vars,
      completion: answer,
      prompt: promptText(messages),
      tools: arm.artifact.tools ?? [],
      functions: functionsOf(arm.artifact),
    };
    memory?.addTurn(run, rendered, answerValue(delivered));
    let seen: GradedAnswer;
    try {
      seen = await transformed(await transformed(delivered, transform), testCase.transform);
    } catch (error) {
      return broken("transform", error);
    }
    memory?.keep(run, answerValue(seen));
    if (seen.text.trim() === "" && testCase.assert.length > 0 && !statesExpectation(testCase))
      return broken("empty", "what it must not say is all that is checked, and nothing meets that");
    const graded = await gradeAnswer(testCase.assert, testCase.threshold, seen, { judge, signal });
    return result({ ...graded, error: null });
  } catch (thrown) {
    const error: unknown = thrown instanceof Undelivered ? thrown.cause : thrown;
    if (error instanceof LedgerFailure) throw error.cause;
    if (signal?.aborted || isMisconfigured(error)) throw error;
    const message = messageOf(error);
    const errorKind = failureKind(error) ?? (error instanceof SluiceError ? error.code : "assertion");
    const where = describeCase(testCase, caseIndex);
    return result({ pass: false, score: 0, assertions: [], error: `${where}: ${message}`, errorKind });
  }
}

/** An answer that a configuration gives: nobody was asked, so it took nothing. */
function given(text: string): Completion {
  return {
    text,
    toolCalls: [],
    finishReason: "stop",
    refused: false,
    usage: { inputTokens: 0, outputTokens: 0 },
    latencyMs: 0,
    costUsd: 0,
    attempts: 0,
  };
}

/** What text assertions look at: the text, or the tool calls as JSON when the model only called tools. */
function answerText(answer: Completion): string {
  if (answer.text !== "" || answer.toolCalls.length === 0) return answer.text;
  const [{ name, arguments: given, isFunction }] = answer.toolCalls as [ToolCall];
  if (isFunction) return JSON.stringify({ name, arguments: given });
  return JSON.stringify(
    answer.toolCalls.map((call) => ({
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: call.arguments },
    })),
  );
}

function functionsOf({ params }: Artifact): readonly DeclaredFunction[] {
  const { functions } = params;
  return Array.isArray(functions) ? (functions as DeclaredFunction[]) : [];
}

/** What is kept of an answer. Of one that is compared with another, all that a judge is shown. */
function kept(text: string, testCase: TestCase): Pick<CaseResult, "output" | "outputSha256"> {
  const most = isComparative(testCase) ? MAX_COMPARED : MAX_OUTPUT;
  const output = cut(text, most).toWellFormed();
  // A copy: a slice would keep the whole answer in memory.
  return output === text ? { output } : { output: flat(output), outputSha256: digestText(text) };
}
