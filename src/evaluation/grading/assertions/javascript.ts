import * as v from "valibot";
import { SluiceError } from "../../../domain/errors.ts";
import { type Assertion, type Grade, grade, quote } from "./assertion.ts";
import { parseJsonText } from "../../../domain/json/json-text.ts";
import { runScript, type Script } from "../../sandbox/run-script.ts";
import type { AssertionKind, GradedAnswer } from "./assertion-kind.ts";

/** What a script may say: yes or no, a score, or both with a reason. */
const scriptResultShape = v.union([
  v.boolean(),
  v.pipe(v.number(), v.finite()),
  v.object({
    pass: v.boolean(),
    score: v.optional(v.pipe(v.number(), v.finite())),
    reason: v.optional(v.string()),
  }),
]);

/** What a script sees beside `output`: the case's variables, the prompt and the facts of the answer. */
function scriptContext({ vars, prompt, completion }: GradedAnswer, config: Assertion["config"]): unknown {
  const { text, usage, costUsd, latencyMs, finishReason, toolCalls } = completion;
  return {
    vars,
    prompt,
    test: { vars },
    ...(config && { config }),
    providerResponse: {
      output: text,
      cost: costUsd,
      latencyMs,
      finishReason,
      toolCalls,
      tokenUsage: {
        prompt: usage.inputTokens,
        completion: usage.outputTokens,
        total: usage.inputTokens + usage.outputTokens,
      },
    },
  };
}

/** An answer as scripts see it: its JSON value where it is meant as one, otherwise its text. */
export function answerValue({ text, isStructured }: GradedAnswer): unknown {
  return (isStructured ? parseJsonText(text)?.value : undefined) ?? text;
}

function runOn(script: Script, answer: GradedAnswer, config?: Assertion["config"]): Promise<unknown> {
  return runScript(script, answerValue(answer), scriptContext(answer, config), answer.text);
}

/**
 * An answer put through a transform; what that returns is the new text, as JSON where it is no text. Throws where
 * it returns nothing: what is not there would pass every check that something is absent.
 */
export async function transformed<Answer extends GradedAnswer>(
  answer: Answer,
  transform: Script | undefined,
): Promise<Answer> {
  if (transform === undefined) return answer;
  const value = await runOn(transform, answer);
  if (typeof value === "string") return { ...answer, text: value, isStructured: false };
  if (value === undefined || value === null)
    throw new SluiceError("invalid_input", `the transform gave nothing (${value})`, { kind: "script" });
  return { ...answer, text: JSON.stringify(value), isStructured: true };
}

/** What a script makes of an answer, whatever that is. */
export function transformedValue(answer: GradedAnswer, transform: Script): Promise<unknown> {
  return runOn(transform, answer);
}

function readScriptResult(result: unknown, { threshold }: Assertion): Grade {
  const read = v.safeParse(scriptResultShape, result);
  if (!read.success)
    throw new Error(
      `the script must return true or false, a number, or { pass, score, reason }, not ${quote(result ?? null)}`,
    );
  const value = read.output;
  if (typeof value === "boolean") return grade(value, `the script returned ${value}`);
  if (typeof value === "number") {
    const pass = threshold === undefined ? value > 0 : value >= threshold;
    const limit = threshold === undefined ? "" : ` (threshold ${threshold})`;
    return grade(pass, `the script returned ${value}${limit}`, clamp(value));
  }
  const score = value.score ?? (value.pass ? 1 : 0);
  // As in promptfoo: who says whether it passes has weighed the score.
  return grade(value.pass, value.reason ?? `the script says ${value.pass ? "pass" : "fail"}`, clamp(score));
}

function clamp(score: number): number {
  return Math.min(1, Math.max(0, score));
}

export const javascriptKinds: Readonly<Record<string, AssertionKind>> = {
  javascript: {
    script: true,
    problem: ({ value }) =>
      (typeof value === "string" && value.trim() !== "") || (typeof value === "object" && value !== null)
        ? undefined
        : "it needs a value: JavaScript over output and context, or file://x.js",
    async grade(assertion, answer) {
      return readScriptResult(await runOn(assertion.value as Script, answer, assertion.config), assertion);
    },
  },
};
