import type { ContentPart, Role } from "../domain/prompt/artifact.ts";
import { wordsOf } from "../domain/prompt/content-parts.ts";

/** A call that the model made of one of its tools, in OpenAI's shape: `arguments` is JSON text. */
export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/** With `parts` it is made of them, and `content` is what they say in words. */
export interface UserMessage {
  role: "user";
  content: string;
  parts?: readonly ContentPart[];
}

/** One message as a model will get it, in no vendor's shape yet. */
export type RenderedMessage =
  | { role: "system"; content: string }
  | UserMessage
  | { role: "assistant"; content: string; tool_calls?: ToolCall[] }
  | { role: "tool"; content: string; tool_call_id: string };

/** What a caller may put where a prompt has a placeholder: earlier turns, never a system message. */
export type PlaceholderMessage =
  | {
      readonly role: "user";
      /** A text, or parts: in our form, or as a vendor's SDK has them. */
      readonly content: string | readonly unknown[];
    }
  | {
      readonly role: "assistant";
      /** A text, or parts that are texts. */
      readonly content?: string | readonly unknown[] | null;
      /** What the model said instead of an answer, as OpenAI's SDK gives it. */
      readonly refusal?: string | null | undefined;
      readonly tool_calls?: readonly ToolCall[] | null | undefined;
    }
  | {
      readonly role: "tool";
      readonly content: string | readonly unknown[];
      readonly tool_call_id: string;
    };

export function newMessage(role: Role, content: string): RenderedMessage {
  // A tool message in a prompt's own text answers no real call; vendors only ask that there is an id.
  return role === "tool" ? { role, content, tool_call_id: "" } : { role, content };
}

/** A user's message of parts; one text alone is a message like any other. */
export function partsMessage(parts: readonly ContentPart[]): UserMessage {
  const content = wordsOf(parts);
  return parts.every(({ type }) => type === "text")
    ? { role: "user", content }
    : { role: "user", content, parts };
}
