import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { RenderedMessage } from "../rendered-message.ts";
import { type OpenAIMessage, toOpenAI } from "./to-openai.ts";

/** Messages as LangChain's models and prompts take them (`model.invoke(messages)`): plain data, by role. */
export type LangChainMessage =
  | Exclude<OpenAIMessage, { role: "assistant" }>
  | (Omit<Extract<OpenAIMessage, { role: "assistant" }>, "content"> & { content: string });

/** The messages for LangChain, which understands them by role, with calls of tools in OpenAI's shape. */
export function toLangChain(artifact: Artifact, messages: readonly RenderedMessage[]): LangChainMessage[] {
  // Null is no content there.
  return toOpenAI(artifact, messages).messages.map((message) =>
    message.role === "assistant" ? { ...message, content: message.content ?? "" } : message,
  );
}
