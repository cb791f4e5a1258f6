import { wordsOf } from "../domain/prompt/content-parts.ts";
import { invalidInput } from "../domain/errors.ts";
import { readParts } from "./read-parts.ts";
import { partsMessage, type PlaceholderMessage, type RenderedMessage } from "./rendered-message.ts";

/**
 * The caller's messages for one placeholder, checked: roles user, assistant and tool only, so that no
 * earlier turn can pass for the prompt's own instructions. Anything else is `invalid_input`, naming which.
 */
export function placeholderMessages(name: string, given: readonly PlaceholderMessage[]): RenderedMessage[] {
  if (!Array.isArray(given))
    throw invalidInput(`placeholder "${name}": pass a list of messages`, { placeholder: name });
  return given.map((message, index) => readMessage(message, `placeholder "${name}", message ${index + 1}`));
}

function readMessage(message: PlaceholderMessage, where: string): RenderedMessage {
  const role: unknown = (message as { role?: unknown } | null)?.role;
  if (role !== "user" && role !== "assistant" && role !== "tool")
    throw invalidInput(
      `${where}: role ${JSON.stringify(role) ?? "undefined"} is not allowed here; use user, assistant or tool`,
    );
  const text = readText(message, where);
  if (message.role === "tool") {
    if (typeof message.tool_call_id !== "string" || message.tool_call_id === "")
      throw invalidInput(`${where}: a tool message needs the tool_call_id that it answers`);
    return { role: "tool", content: text, tool_call_id: message.tool_call_id };
  }
  if (message.role === "user")
    return Array.isArray(message.content)
      ? partsMessage(readParts(message.content, where))
      : { role: "user", content: text };
  const calls = message.tool_calls;
  if (!calls || calls.length === 0) return { role: "assistant", content: text };
  return { role: "assistant", content: text, tool_calls: calls.map((call) => readCall(call, where)) };
}

/** The assistant's content is null where it called tools, and where it refused, which it says elsewhere. */
function readText(message: PlaceholderMessage, where: string): string {
  const content: unknown = message.content;
  if (typeof content === "string") return content.toWellFormed();
  if (Array.isArray(content)) {
    const parts = readParts(content, where);
    if (message.role !== "user" && parts.some(({ type }) => type !== "text"))
      throw invalidInput(`${where}: images and files stand in a user's message`);
    return wordsOf(parts);
  }
  const isEmpty = content === null || content === undefined;
  if (isEmpty && message.role === "assistant") {
    if (typeof message.refusal === "string") return message.refusal.toWellFormed();
    if (content === null || (message.tool_calls?.length ?? 0) > 0) return "";
  }
  throw invalidInput(`${where}: content must be a string or a list of parts`);
}

function readCall(
  call: unknown,
  where: string,
): { id: string; type: "function"; function: { name: string; arguments: string } } {
  const { id, function: target } = (call ?? {}) as {
    id?: unknown;
    function?: { name?: unknown; arguments?: unknown };
  };
  if (typeof id !== "string" || typeof target?.name !== "string" || typeof target.arguments !== "string")
    throw invalidInput(`${where}: a tool call needs id, function.name and function.arguments (JSON text)`);
  return { id, type: "function", function: { name: target.name, arguments: target.arguments } };
}
