import { invalidInput } from "../../domain/errors.ts";
import type { JsonSchema, ModelReply, ModelRequest, Turn } from "./model-request.ts";
import { pieces } from "./openai-wire.ts";
import { refuseMessages } from "./refusals.ts";
import { contentText, list, optionalNumber, record, text } from "./wire-reading.ts";

/** Reads the body of `POST /v1/messages`; one that is only counted has no `max_tokens` to refuse. */
export function readMessagesRequest(body: unknown, countsOnly = false): ModelRequest {
  const request = record(body, "the body");
  const maxTokens = optionalNumber(request["max_tokens"]);
  const messages = list(request["messages"], "messages");
  if (messages.length === 0) throw invalidInput("messages: at least one message is required");
  if (!countsOnly) refuseMessages(request);
  const format = (request["output_config"] as { format?: { schema?: JsonSchema } } | undefined)?.format;
  return {
    provider: "anthropic",
    model: text(request["model"]),
    system: contentText(request["system"]),
    turns: messages.map(readTurn),
    tools: list(request["tools"] ?? [], "tools").map((item) => {
      const tool = record(item, "tools");
      return {
        name: text(tool["name"]),
        description: text(tool["description"]),
        schema: (tool["input_schema"] ?? { type: "object" }) as JsonSchema,
      };
    }),
    toolChoice: readToolChoice(request["tool_choice"]),
    schema: format?.schema,
    jsonMode: false,
    maxTokens,
    seed: undefined,
    stream: request["stream"] === true,
  };
}

function readTurn(item: unknown, index: number): Turn {
  const { role, content } = record(item, `messages[${index}]`);
  if (role !== "user" && role !== "assistant")
    throw invalidInput(`messages[${index}].role: must be user or assistant`);
  const parts = Array.isArray(content) ? (content as { type?: unknown }[]) : [];
  const isResult = parts.length > 0 && parts.every((part) => part.type === "tool_result");
  return { role: isResult ? "tool" : role, text: contentText(content) };
}

function readToolChoice(choice: unknown): ModelRequest["toolChoice"] {
  const { type, name } = (choice ?? {}) as { type?: unknown; name?: unknown };
  if (type === "none") return "none";
  if (type === "any") return "any";
  return type === "tool" && typeof name === "string" ? { name } : "auto";
}

const STOP = { stop: "end_turn", length: "max_tokens", tool_calls: "tool_use" } as const;

export function anthropicMessage(reply: ModelReply, model: string, id: string): unknown {
  return {
    ...head(reply, model, id),
    content:
      reply.toolCalls.length > 0
        ? reply.toolCalls.map(toolUse)
        : [{ type: "text", text: reply.text, citations: null }],
    stop_reason: STOP[reply.finish],
    usage: { input_tokens: reply.usage.inputTokens, output_tokens: reply.usage.outputTokens },
  };
}

/** The events of a streamed message: name and data. */
export function messageEvents(reply: ModelReply, model: string, id: string): [string, unknown][] {
  const blocks =
    reply.toolCalls.length > 0
      ? reply.toolCalls.map((call) => ({
          start: { ...toolUse(call), input: {} },
          deltas: pieces(call.brokenArguments ?? JSON.stringify(call.arguments)).map((part) => ({
            type: "input_json_delta",
            partial_json: part,
          })),
        }))
      : [
          {
            start: { type: "text", text: "" },
            deltas: pieces(reply.text).map((piece) => ({ type: "text_delta", text: piece })),
          },
        ];
  return [
    ["message_start", { message: { ...head(reply, model, id), content: [] } }],
    ...blocks.flatMap(({ start, deltas }, index): [string, unknown][] => [
      ["content_block_start", { index, content_block: start }],
      ...deltas.map((delta): [string, unknown] => ["content_block_delta", { index, delta }]),
      ["content_block_stop", { index }],
    ]),
    [
      "message_delta",
      {
        delta: { stop_reason: STOP[reply.finish], stop_sequence: null },
        usage: { output_tokens: reply.usage.outputTokens },
      },
    ],
    ["message_stop", {}],
  ];
}

function head(reply: ModelReply, model: string, id: string) {
  return {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model,
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: reply.usage.inputTokens, output_tokens: 0 },
  };
}

function toolUse(call: ModelReply["toolCalls"][number]) {
  return { type: "tool_use", id: call.id, name: call.name, input: call.brokenArguments ?? call.arguments };
}
