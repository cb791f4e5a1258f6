import { invalidInput } from "../../domain/errors.ts";
import type { ToolCall } from "../rendered-message.ts";

/** The arguments of a tool's call, for who wants a value and not JSON text; `invalid_input` when they are no object. */
export function parsedArguments(call: ToolCall): Record<string, unknown> {
  let input: unknown;
  try {
    input = JSON.parse(call.function.arguments === "" ? "{}" : call.function.arguments);
  } catch {
    input = undefined;
  }
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw invalidInput(`tool call "${call.id}": its arguments are not a JSON object`, { toolCall: call.id });
  return input as Record<string, unknown>;
}
