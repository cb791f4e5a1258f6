import type { Artifact, ContentPart } from "../../domain/prompt/artifact.ts";
import { embedded } from "../../domain/prompt/content-parts.ts";
import { parsedArguments } from "./tool-arguments.ts";
import type { RenderedMessage } from "../rendered-message.ts";

/** What `generateText` and `streamText` of the Vercel AI SDK take, beside the model: spread it into the call. */
export interface AiSdkPrompt {
  messages: AiSdkMessage[];
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  seed?: number;
  stopSequences?: string[];
}

export type AiSdkMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: string | AiSdkPart[] }
  | { role: "assistant"; content: string | AiSdkAssistantPart[] }
  | { role: "tool"; content: AiSdkToolResult[] };

export type AiSdkPart =
  | { type: "text"; text: string }
  | { type: "image"; image: string; mediaType?: string }
  | { type: "file"; data: string; mediaType: string; filename?: string };

export type AiSdkAssistantPart =
  | { type: "text"; text: string }
  | { type: "tool-call"; toolCallId: string; toolName: string; input: unknown };

export interface AiSdkToolResult {
  type: "tool-result";
  toolCallId: string;
  toolName: string;
  output: { type: "text"; value: string };
}

const SETTINGS: Readonly<Record<string, keyof AiSdkPrompt>> = {
  max_tokens: "maxOutputTokens",
  max_completion_tokens: "maxOutputTokens",
  temperature: "temperature",
  top_p: "topP",
  top_k: "topK",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  seed: "seed",
};

/** Messages and settings for the Vercel AI SDK; parameters that it has no name for are left to its own options. */
export function toAiSdk({ params }: Artifact, messages: readonly RenderedMessage[]): AiSdkPrompt {
  const names = new Map(
    messages.flatMap((message) =>
      message.role === "assistant"
        ? (message.tool_calls ?? []).map((call) => [call.id, call.function.name] as const)
        : [],
    ),
  );
  const settings = Object.entries(params).flatMap(([name, value]) =>
    Object.hasOwn(SETTINGS, name) ? [[SETTINGS[name]!, value] as const] : [],
  );
  const stops = [params["stop"] ?? []].flat() as string[];
  return {
    ...(Object.fromEntries(settings) as Omit<AiSdkPrompt, "messages">),
    ...(stops.length > 0 && { stopSequences: stops }),
    messages: messages.map((message) => aiSdkMessage(message, names)),
  };
}

function aiSdkMessage(message: RenderedMessage, names: ReadonlyMap<string, string>): AiSdkMessage {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: message.parts ? message.parts.map(aiSdkPart) : message.content };
    case "tool": {
      const { tool_call_id: toolCallId, content } = message;
      const toolName = names.get(toolCallId) ?? "";
      const output = { type: "text" as const, value: content };
      return { role: "tool", content: [{ type: "tool-result", toolCallId, toolName, output }] };
    }
    case "assistant": {
      if (!message.tool_calls) return { role: "assistant", content: message.content };
      const text = message.content === "" ? [] : [{ type: "text" as const, text: message.content }];
      const calls = message.tool_calls.map((call) => ({
        type: "tool-call" as const,
        toolCallId: call.id,
        toolName: call.function.name,
        input: parsedArguments(call),
      }));
      return { role: "assistant", content: [...text, ...calls] };
    }
  }
}

function aiSdkPart(part: ContentPart): AiSdkPart {
  if (part.type === "text") return { type: "text", text: part.text };
  const bytes = embedded(part);
  const data = bytes?.data ?? part.url!;
  const mediaType = bytes?.mediaType ?? part.media_type;
  if (part.type === "image") return { type: "image", image: data, ...(mediaType && { mediaType }) };
  return {
    type: "file",
    data,
    mediaType: mediaType ?? "application/pdf",
    ...(part.name !== undefined && { filename: part.name }),
  };
}
