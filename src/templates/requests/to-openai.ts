import {
  parseModelTarget,
  type Artifact,
  type ContentPart,
  type FunctionTool,
} from "../../domain/prompt/artifact.ts";
import { embedded } from "../../domain/prompt/content-parts.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { RenderedMessage, ToolCall } from "../rendered-message.ts";
import { strictProblem } from "./strict-schema.ts";

/** A chat completion request; the SDK's `ChatCompletionCreateParamsNonStreaming` takes it without a cast. */
export interface OpenAIRequest {
  model: string;
  messages: OpenAIMessage[];
  tools?: OpenAITool[];
  response_format?: OpenAIResponseFormat;
  temperature?: number;
  top_p?: number;
  max_completion_tokens?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  seed?: number;
  stop?: string | string[];
}

export type OpenAIMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: string | OpenAIPart[] }
  | { role: "assistant"; content: string | null; tool_calls?: ToolCall[] }
  | { role: "tool"; content: string; tool_call_id: string };

export type OpenAIPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string; detail?: "low" | "high" | "auto" } }
  | { type: "file"; file: { filename: string; file_data: string } };

export interface OpenAITool {
  type: "function";
  function: { name: string; description?: string; parameters?: Record<string, unknown>; strict?: boolean };
}

export type OpenAIResponseFormat =
  | { type: "json_schema"; json_schema: OpenAISchema }
  | { type: "json_object" }
  | { type: "text" };

export interface OpenAISchema {
  name: string;
  description?: string;
  schema: Record<string, unknown>;
  strict?: boolean;
}

/**
 * The request for OpenAI's chat completions. `max_tokens` becomes `max_completion_tokens`, its name
 * since the reasoning models (which refuse the old one); every other parameter is passed on as it
 * is written, so one that is newer than this library works too. `output_schema` becomes a JSON
 * schema response format, strict where the schema meets OpenAI's conditions for that, unless
 * `params.response_format` says otherwise; `response_format: { type: json_object }` is JSON mode.
 */
export function toOpenAI(artifact: Artifact, messages: readonly RenderedMessage[]): OpenAIRequest {
  const { max_tokens, response_format: _, ...params } = artifact.params;
  const format = responseFormat(artifact);
  const limit = params["max_completion_tokens"] ?? max_tokens;
  return {
    ...params,
    ...(limit !== undefined && { max_completion_tokens: limit as number }),
    model: targetModel(artifact),
    messages: messages.map(openAIMessage),
    ...(artifact.tools && artifact.tools.length > 0 && { tools: artifact.tools.map(openAITool) }),
    ...(format && { response_format: format }),
  };
}

/** The model's own name, without the provider that the artifact names before it. */
export function targetModel(artifact: Artifact): string {
  return parseModelTarget(artifact.model)?.model ?? artifact.model;
}

function openAIMessage(message: RenderedMessage): OpenAIMessage {
  if (message.role === "user")
    return { role: "user", content: message.parts ? message.parts.map(openAIPart) : message.content };
  // With tool calls the vendor wants null for "said nothing", not an empty text.
  if (message.role === "assistant" && message.tool_calls)
    return { ...message, content: message.content === "" ? null : message.content };
  return { ...message };
}

function openAIPart(part: ContentPart): OpenAIPart {
  if (part.type === "text") return { ...part };
  const bytes = embedded(part);
  const address = bytes ? `data:${bytes.mediaType};base64,${bytes.data}` : part.url!;
  if (part.type === "image")
    return { type: "image_url", image_url: { url: address, ...(part.detail && { detail: part.detail }) } };
  if (!bytes)
    throw invalidInput(
      "OpenAI's chat completions take a file as data, not at an address; pass its data, or use toOpenAIResponses",
    );
  return { type: "file", file: { filename: part.name ?? "file", file_data: address } };
}

function openAITool({ function: tool }: FunctionTool): OpenAITool {
  return {
    type: "function",
    function: {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      ...(tool.parameters && { parameters: { ...tool.parameters } }),
      ...(tool.strict !== undefined && { strict: tool.strict }),
    },
  };
}

/** A JSON schema as OpenAI's two APIs take it, strict where it can be and nobody has said otherwise. */
export function openAISchema(
  schema: Readonly<Record<string, unknown>>,
  requested: RequestedSchema = {},
): OpenAISchema {
  const title =
    typeof schema["title"] === "string" ? schema["title"].replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) : "";
  const strict = requested.strict ?? (strictProblem(schema) === undefined ? true : undefined);
  return {
    name: requested.name ?? (title || "output"),
    ...(requested.description !== undefined && { description: requested.description }),
    schema: { ...schema },
    ...(strict !== undefined && { strict }),
  };
}

/** What `params.response_format.json_schema` may say beside the `output_schema`. */
export interface RequestedSchema {
  readonly name?: string;
  readonly description?: string;
  readonly strict?: boolean;
}

/** The form of the answer: the `output_schema`'s, or JSON mode, or whatever else `params` asks for. */
export function responseFormat(artifact: Artifact): OpenAIResponseFormat | undefined {
  const requested = artifact.params["response_format"] as
    | (OpenAIResponseFormat & { json_schema?: RequestedSchema })
    | undefined;
  if (!artifact.output_schema || (requested && requested.type !== "json_schema")) return requested;
  return { type: "json_schema", json_schema: openAISchema(artifact.output_schema, requested?.json_schema) };
}
