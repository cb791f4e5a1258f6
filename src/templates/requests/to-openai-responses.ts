import type { Artifact, ContentPart } from "../../domain/prompt/artifact.ts";
import { embedded } from "../../domain/prompt/content-parts.ts";
import type { RenderedMessage } from "../rendered-message.ts";
import { responseFormat, targetModel, type OpenAISchema } from "./to-openai.ts";

/** A Responses API request; the SDK's `ResponseCreateParamsNonStreaming` takes it without a cast. */
export interface OpenAIResponsesRequest {
  model: string;
  input: OpenAIResponsesItem[];
  tools?: OpenAIResponsesTool[];
  text?: { format?: OpenAITextFormat; verbosity?: "low" | "medium" | "high" };
  temperature?: number;
  top_p?: number;
  max_output_tokens?: number;
  reasoning?: { effort?: "none" | "minimal" | "low" | "medium" | "high" | null };
}

export type OpenAITextFormat =
  | ({ type: "json_schema" } & OpenAISchema)
  | { type: "json_object" }
  | { type: "text" };

export type OpenAIResponsesItem =
  | { role: "system" | "user" | "assistant"; content: string }
  | { role: "user"; content: OpenAIResponsesPart[] }
  | { type: "function_call"; call_id: string; name: string; arguments: string }
  | { type: "function_call_output"; call_id: string; output: string };

export type OpenAIResponsesPart =
  | { type: "input_text"; text: string }
  | { type: "input_image"; image_url: string; detail: "low" | "high" | "auto" }
  | { type: "input_file"; filename?: string; file_data?: string; file_url?: string };

export interface OpenAIResponsesTool {
  type: "function";
  name: string;
  description?: string;
  parameters: Record<string, unknown> | null;
  strict: boolean | null;
}

/**
 * The request for OpenAI's Responses API. Parameters keep the names that chat completions use for
 * them in the prompt file and are renamed here: `max_tokens`, `reasoning_effort`, `verbosity`; others
 * are passed on as written. Tool calls and their results become items of their own.
 */
export function toOpenAIResponses(
  artifact: Artifact,
  messages: readonly RenderedMessage[],
): OpenAIResponsesRequest {
  const {
    max_tokens,
    max_completion_tokens,
    reasoning_effort,
    verbosity,
    response_format: _,
    ...params
  } = artifact.params;
  const limit = params["max_output_tokens"] ?? max_completion_tokens ?? max_tokens;
  const format = textFormat(artifact);
  const text = {
    ...(params["text"] as object | undefined),
    ...(verbosity !== undefined && { verbosity: verbosity as "low" }),
    ...(format && { format }),
  };
  return {
    ...params,
    ...(limit !== undefined && { max_output_tokens: limit as number }),
    ...(reasoning_effort !== undefined && {
      reasoning: { ...(params["reasoning"] as object | undefined), effort: reasoning_effort as "low" },
    }),
    model: targetModel(artifact),
    input: messages.flatMap(items),
    ...(artifact.tools &&
      artifact.tools.length > 0 && {
        tools: artifact.tools.map(({ function: tool }): OpenAIResponsesTool => ({
          type: "function",
          name: tool.name,
          ...(tool.description !== undefined && { description: tool.description }),
          parameters: tool.parameters ? { ...tool.parameters } : null,
          // This API takes a missing value for true; chat completions take it for false.
          strict: tool.strict ?? false,
        })),
      }),
    ...(Object.keys(text).length > 0 && { text }),
  };
}

/** Chat completions nest the schema one level deeper. */
function textFormat(artifact: Artifact): OpenAITextFormat | undefined {
  const format = responseFormat(artifact);
  if (!format) return undefined;
  return format.type === "json_schema" ? { type: "json_schema", ...format.json_schema } : format;
}

function items(message: RenderedMessage): OpenAIResponsesItem[] {
  if (message.role === "tool")
    return [{ type: "function_call_output", call_id: message.tool_call_id, output: message.content }];
  if (message.role === "user" && message.parts)
    return [{ role: "user", content: message.parts.map(responsesPart) }];
  const calls = message.role === "assistant" ? (message.tool_calls ?? []) : [];
  return [
    ...(message.content === "" && calls.length > 0 ? [] : [{ role: message.role, content: message.content }]),
    ...calls.map(({ id, function: target }): OpenAIResponsesItem => ({
      type: "function_call",
      call_id: id,
      name: target.name,
      arguments: target.arguments,
    })),
  ];
}

function responsesPart(part: ContentPart): OpenAIResponsesPart {
  if (part.type === "text") return { type: "input_text", text: part.text };
  const bytes = embedded(part);
  const address = bytes ? `data:${bytes.mediaType};base64,${bytes.data}` : part.url!;
  if (part.type === "image")
    return { type: "input_image", image_url: address, detail: part.detail ?? "auto" };
  return bytes
    ? { type: "input_file", filename: part.name ?? "file", file_data: address }
    : { type: "input_file", file_url: address };
}
