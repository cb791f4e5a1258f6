import type { Role } from "../domain/artifact.ts";

/** A call that the model made of one of its tools, in OpenAI's shape: `arguments` is JSON text. */
export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/** One message as a model will get it, in no vendor's shape yet. */
export type RenderedMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: string }
  | { role: "assistant"; content: string; tool_calls?: ToolCall[] }
  | { role: "tool"; content: string; tool_call_id: string };

/** What a caller may put where a prompt has a placeholder: earlier turns, never a system message. */
export type PlaceholderMessage =
  | { readonly role: "user"; readonly content: string }
  | {
      readonly role: "assistant";
      readonly content?: string | null;
      /** What the model said instead of an answer, as OpenAI's SDK gives it. */
      readonly refusal?: string | null | undefined;
      readonly tool_calls?: readonly ToolCall[] | null | undefined;
    }
  | { readonly role: "tool"; readonly content: string; readonly tool_call_id: string };

export function newMessage(role: Role, content: string): RenderedMessage {
  // A tool message in a prompt's own text answers no real call; vendors only ask that there is an id.
  return role === "tool" ? { role, content, tool_call_id: "" } : { role, content };
}
