import { isMapping } from "../domain/json/is-mapping.ts";
import { counted } from "../domain/text/counted.ts";
import { messageOf } from "../domain/errors.ts";
import { compileSchema } from "../domain/json/json-schema.ts";
import { parseJsonText } from "../domain/json/json-text.ts";
import type { FunctionTool } from "../domain/prompt/artifact.ts";
import type { ToolCall } from "../providers/completion.ts";
import { delimit } from "../templates/untrusted.ts";
import { type Answered, type Call, saidByModel } from "./call.ts";
import { Failure } from "./failure.ts";
import type { ToolHandler } from "./invoke-request.ts";

const MOST_ROUNDS = 8;

/** Whether all tools that an answer calls can be carried out here. */
export function isCarriedOut({ request }: Call, { completion: { toolCalls } }: Answered): boolean {
  const { tools } = request;
  return (
    tools !== undefined && toolCalls.length > 0 && toolCalls.every(({ name }) => Object.hasOwn(tools, name))
  );
}

/**
 * Carries out what an answer calls, each call once, and adds call and result to what has been said, so that whatever
 * fails later goes on from there. Arguments that do not fit are told to the model once; a handler that throws, a second
 * misfit and too many rounds fail as `tool`.
 */
export async function carryOut(call: Call, answered: Answered, misfits: Set<string>): Promise<void> {
  const { request, account, clock, messages, telling } = call;
  const { completion, target } = answered;
  const most = request.maxToolRounds ?? MOST_ROUNDS;
  if (account.toolRounds >= most)
    throw new Failure(
      "tool",
      `after ${counted(most, "round")} of tools ${target.name} asks for more; raise maxToolRounds`,
    );
  account.toolRounds++;
  const calls = completion.toolCalls.map((one, index) =>
    one.id === "" ? { ...one, id: `call_${account.toolRounds}_${index}` } : one,
  );
  const results: string[] = [];
  for (const one of calls) {
    telling.event({ type: "tool_call", call: one });
    const tool = target.artifact.tools?.find(({ function: { name } }) => name === one.name);
    const result = await runTool(call, one, tool, misfits);
    clock.check();
    results.push(result);
    telling.event({ type: "tool_result", callId: one.id, result });
  }
  messages.push(
    saidByModel(
      completion.text,
      calls.map((one) =>
        isMapping(parseJsonText(one.arguments)?.value) ? one : { ...one, arguments: "{}" },
      ),
    ),
    ...calls.map((one, index) => ({
      role: "tool" as const,
      // It comes from outside, as values of variables do.
      content: delimit(one.name, results[index]!),
      tool_call_id: one.id,
    })),
  );
}

async function runTool(
  { request, clock }: Call,
  { id, name, arguments: written }: ToolCall,
  tool: FunctionTool | undefined,
  misfits: Set<string>,
): Promise<string> {
  const parsed = parseJsonText(written === "" ? "{}" : written);
  const problem = parsed ? argumentProblem(parsed.value, tool) : "they are not JSON";
  if (problem !== undefined) {
    if (misfits.has(name))
      throw new Failure(
        "tool",
        `the model called tool "${name}" twice with arguments that do not fit: ${problem}`,
      );
    misfits.add(name);
    return `The arguments do not fit the tool's parameters: ${problem}`;
  }
  const handler: ToolHandler = request.tools![name]!;
  try {
    const result = await clock.orOver(
      Promise.resolve(
        handler(parsed!.value as Record<string, unknown>, { callId: id, signal: clock.signal }),
      ),
    );
    return typeof result === "string" ? result : (JSON.stringify(result) ?? "");
  } catch (error) {
    clock.check();
    throw new Failure("tool", `tool "${name}" failed: ${messageOf(error)}`, error);
  }
}

function argumentProblem(value: unknown, tool: FunctionTool | undefined): string | undefined {
  if (!isMapping(value)) return "they are not an object";
  const schema = tool?.function.parameters;
  return schema && compileSchema(schema)(value);
}
