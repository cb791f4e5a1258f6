import type { Artifact, ContentPart, FunctionTool } from "../../domain/prompt/artifact.ts";
import { embedded } from "../../domain/prompt/content-parts.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { RenderedMessage, ToolCall } from "../rendered-message.ts";
import { anthropicSchema } from "./anthropic-schema.ts";
import { targetModel } from "./to-openai.ts";
import { parsedArguments } from "./tool-arguments.ts";

/** What a request asks for when the artifact sets no `max_tokens`, which this vendor requires. */
export const DEFAULT_MAX_TOKENS = 4096;

/** A messages request; the SDK's `MessageCreateParamsNonStreaming` takes it without a cast. */
export interface AnthropicRequest {
  model: string;
  max_tokens: number;
  system?: AnthropicText[];
  messages: AnthropicMessage[];
  tools?: AnthropicTool[];
  output_config?: { format: { type: "json_schema"; schema: Record<string, unknown> } };
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop_sequences?: string[];
  tool_choice?: AnthropicToolChoice;
}

export type AnthropicToolChoice =
  | (({ type: "auto" } | { type: "any" } | { type: "tool"; name: string }) & {
      disable_parallel_tool_use?: boolean;
    })
  | { type: "none" };

export interface AnthropicText {
  type: "text";
  text: string;
  cache_control?: { type: "ephemeral" };
}

export type AnthropicMessage =
  | {
      role: "user";
      content: string | (AnthropicText | AnthropicImage | AnthropicDocument | AnthropicToolResult)[];
    }
  | { role: "assistant"; content: string | (AnthropicText | AnthropicToolUse)[] };

export interface AnthropicImage {
  type: "image";
  source:
    | { type: "url"; url: string }
    | { type: "base64"; media_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp"; data: string };
}

export interface AnthropicDocument {
  type: "document";
  source: { type: "url"; url: string } | { type: "base64"; media_type: "application/pdf"; data: string };
  title?: string;
}

interface AnthropicToolUse {
  type: "tool_use";
  id: string;
  name: string;
  input: Record<string, unknown>;
}

interface AnthropicToolResult {
  type: "tool_result";
  tool_use_id: string;
  content: string;
}

export interface AnthropicTool {
  name: string;
  description?: string;
  input_schema: { type: "object"; [key: string]: unknown };
  cache_control?: { type: "ephemeral" };
}

export interface AnthropicOptions {
  /** Marks the end of the fixed part (tools, then system) for the vendor's prompt cache. */
  readonly cache?: boolean;
}

/**
 * The request for Anthropic's messages. System messages become system blocks wherever they stood;
 * tool calls and their results become blocks, results of one turn together in one user message, as the
 * vendor requires. What it refuses is put into its words or left out: messages without a text, white space at the
 * end of a last assistant message, stop sequences of white space alone, a prompt of system messages alone (the last one
 * is then the user's). Of a schema it gets what it takes: see {@link anthropicSchema}.
 * `max_completion_tokens`, `stop`, `tool_choice` and `parallel_tool_calls` are understood under the names and in the
 * form that they have at OpenAI; other parameters are passed on as written. `output_schema` becomes the JSON schema
 * output format, so the answer is JSON text as it is with OpenAI, not a forced tool call. Without any text at all
 * it is `invalid_input`.
 */
export function toAnthropic(
  artifact: Artifact,
  messages: readonly RenderedMessage[],
  options: AnthropicOptions = {},
): AnthropicRequest {
  const {
    max_tokens,
    max_completion_tokens,
    stop,
    tool_choice,
    parallel_tool_calls,
    response_format: _,
    ...params
  } = artifact.params;
  const turns = conversation(messages);
  const system = messages.flatMap((message): AnthropicText[] =>
    message.role === "system" && !isBlank(message.content) ? [{ type: "text", text: message.content }] : [],
  );
  if (turns.length === 0) {
    const last = system.pop();
    if (!last) throw invalidInput("every message of the prompt is empty: there is nothing to ask");
    turns.push({ role: "user", content: last.text });
  }
  const tools = (artifact.tools ?? []).map(anthropicTool);
  const choice = toolChoice(tool_choice, parallel_tool_calls, tools.length > 0);
  const stops = stopSequences(stop);
  if (options.cache) markEnd(system.at(-1) ?? tools.at(-1));
  return {
    ...params,
    ...(stops.length > 0 && { stop_sequences: stops }),
    model: targetModel(artifact),
    max_tokens: (max_tokens ?? max_completion_tokens ?? DEFAULT_MAX_TOKENS) as number,
    ...(system.length > 0 && { system }),
    messages: turns,
    ...(tools.length > 0 && { tools }),
    ...(choice && { tool_choice: choice }),
    ...(artifact.output_schema && {
      output_config: {
        ...(params["output_config"] as object | undefined),
        format: { type: "json_schema", schema: anthropicSchema(artifact.output_schema) },
      },
    }),
  };
}

/** OpenAI's `tool_choice` and `parallel_tool_calls` in this vendor's words; its own words stay. */
function toolChoice(choice: unknown, parallel: unknown, hasTools: boolean): AnthropicToolChoice | undefined {
  if (!hasTools) return undefined;
  const name = (choice as { function?: { name?: unknown } } | undefined)?.function?.name;
  const disable = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === "none") return { type: "none" };
  if (choice === "required") return { type: "any", ...disable };
  if (typeof name === "string") return { type: "tool", name, ...disable };
  if (typeof choice === "object" && choice !== null) return { ...disable, ...choice } as AnthropicToolChoice;
  return choice === "auto" || parallel === false ? { type: "auto", ...disable } : undefined;
}

/** OpenAI's `stop`; a sequence of white space alone is refused here, so it is left out. */
function stopSequences(stop: unknown): string[] {
  return [stop ?? []].flat().filter((one): one is string => typeof one === "string" && !isBlank(one));
}

/** An id of a tool's call, which may have come from another vendor, in the letters that this one takes. */
function callId(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, "_");
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

function markEnd(block: AnthropicText | AnthropicTool | undefined): void {
  if (block) block.cache_control = { type: "ephemeral" };
}

function conversation(messages: readonly RenderedMessage[]): AnthropicMessage[] {
  const turns: AnthropicMessage[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    if (message.role === "tool") {
      const result: AnthropicToolResult = {
        type: "tool_result",
        tool_use_id: callId(message.tool_call_id),
        content: message.content,
      };
      const last = turns.at(-1);
      if (last?.role === "user" && Array.isArray(last.content)) last.content.push(result);
      else turns.push({ role: "user", content: [result] });
    } else if (message.role === "assistant" && message.tool_calls) {
      const text: AnthropicText[] = isBlank(message.content) ? [] : [{ type: "text", text: message.content }];
      turns.push({ role: "assistant", content: [...text, ...message.tool_calls.map(toolUse)] });
    } else if (message.role === "user" && message.parts) {
      const parts = message.parts.flatMap(anthropicPart);
      if (parts.length > 0) turns.push({ role: "user", content: parts });
    } else if (!isBlank(message.content)) turns.push({ role: message.role, content: message.content });
  }
  const last = turns.at(-1);
  if (last?.role === "assistant" && typeof last.content === "string") last.content = last.content.trimEnd();
  return turns;
}

function anthropicPart(part: ContentPart): (AnthropicText | AnthropicImage | AnthropicDocument)[] {
  if (part.type === "text") return isBlank(part.text) ? [] : [{ type: "text", text: part.text }];
  const bytes = embedded(part);
  const source = bytes
    ? { type: "base64" as const, media_type: bytes.mediaType as "image/png", data: bytes.data }
    : { type: "url" as const, url: part.url! };
  if (part.type === "image") return [{ type: "image", source }];
  const document = { type: "document", source, ...(part.name !== undefined && { title: part.name }) };
  return [document as AnthropicDocument];
}

function toolUse(call: ToolCall): AnthropicToolUse {
  return {
    type: "tool_use",
    id: callId(call.id),
    name: call.function.name,
    input: parsedArguments(call),
  };
}

function anthropicTool({ function: tool }: FunctionTool): AnthropicTool {
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: { ...tool.parameters, type: "object" },
    ...(tool.strict !== undefined && { strict: tool.strict }),
  };
}
