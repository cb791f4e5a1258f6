import type { ToolCall } from "../../../providers/completion.ts";
import { compileSchema } from "../../../domain/json/json-schema.ts";
import { parseJsonText } from "../../../domain/json/json-text.ts";
import { type Grade, grade, quote } from "./assertion.ts";
import type { AssertionKind, DeclaredFunction, GradedAnswer } from "./assertion-kind.ts";

/** Why a call is none of those that the model was given; undefined when it is one. */
function callProblem(
  { name, arguments: given }: ToolCall,
  declared: readonly DeclaredFunction[],
  what: "tool" | "function",
): string | undefined {
  const one = declared.find((known) => known.name === name);
  if (!one) return `the model called ${quote(name)}, which is not one of the prompt's ${what}s`;
  const read = parseJsonText(given);
  if (!read) return `the arguments of ${name} are not JSON: ${quote(given)}`;
  const wrong = compileSchema(one.parameters ?? { type: "object" })(read.value);
  return wrong && `the arguments of ${name} do not fit its parameters: ${wrong}`;
}

function gradeCalls(
  calls: readonly ToolCall[],
  declared: readonly DeclaredFunction[],
  what: "tool" | "function",
  { completion }: GradedAnswer,
): Grade {
  if (calls.length === 0)
    return grade(false, `the model called no ${what} but said ${quote(completion.text)}`);
  const problem = calls.map((call) => callProblem(call, declared, what)).find((one) => one !== undefined);
  return problem === undefined ? grade(true, `every ${what} call fits its ${what}`) : grade(false, problem);
}

const functionCall: AssertionKind = {
  grade(_, answer) {
    const calls = answer.completion.toolCalls.filter(({ isFunction }) => isFunction);
    return gradeCalls(calls, answer.functions ?? [], "function", answer);
  },
};

/** Whether what the model called is what it was given to call. */
export const callKinds: Readonly<Record<string, AssertionKind>> = {
  "is-valid-openai-tools-call": {
    grade(_, answer) {
      const calls = answer.completion.toolCalls.filter(({ isFunction }) => !isFunction);
      const tools = (answer.tools as { function: DeclaredFunction }[]).map((tool) => tool.function);
      return gradeCalls(calls, tools, "tool", answer);
    },
  },
  "is-valid-openai-function-call": functionCall,
  // promptfoo's name for the same, whoever the vendor is.
  "is-valid-function-call": functionCall,
};
