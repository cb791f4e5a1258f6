import { invalidInput } from "../../domain/errors.ts";
import type { JsonSchema, ModelReply, ModelRequest, Tool, Turn } from "./model-request.ts";
import { refuseChat } from "./refusals.ts";
import { contentText, list, optionalNumber, record, text } from "./wire-reading.ts";

/** Reads the body of `POST /v1/chat/completions`. */
export function readChatRequest(body: unknown): ModelRequest & { readonly includeUsage: boolean } {
  const chat = record(body, "the body");
  const system: string[] = [];
  const turns: Turn[] = [];
  const messages = list(chat["messages"], "messages");
  if (messages.length === 0) throw invalidInput("messages: at least one message is needed");
  refuseChat(chat);
  for (const [index, item] of messages.entries()) {
    const message = record(item, `messages[${index}]`);
    const content = contentText(message["content"]);
    const { role } = message;
    if (role === "system" || role === "developer") system.push(content);
    else if (role === "user" || role === "assistant" || role === "tool") turns.push({ role, text: content });
    else throw invalidInput(`messages[${index}].role: "${String(role)}" is not a role`);
  }
  const format =
    chat["response_format"] === undefined ? {} : record(chat["response_format"], "response_format");
  const schema =
    format["type"] === "json_schema" ? record(format["json_schema"], "json_schema")["schema"] : undefined;
  return {
    provider: "openai",
    model: text(chat["model"]),
    system: system.join("\n\n"),
    turns,
    tools: list(chat["tools"] ?? [], "tools").map(readTool),
    toolChoice: readToolChoice(chat["tool_choice"]),
    schema: schema as JsonSchema | undefined,
    jsonMode: format["type"] === "json_object",
    maxTokens: optionalNumber(chat["max_completion_tokens"] ?? chat["max_tokens"]),
    seed: optionalNumber(chat["seed"]),
    stream: chat["stream"] === true,
    includeUsage: (chat["stream_options"] as { include_usage?: unknown } | undefined)?.include_usage === true,
  };
}

function readTool(item: unknown): Tool {
  const tool = record(record(item, "tools")["function"], "tools.function");
  return {
    name: text(tool["name"]),
    description: text(tool["description"]),
    schema: (tool["parameters"] ?? { type: "object" }) as JsonSchema,
  };
}

function readToolChoice(choice: unknown): ModelRequest["toolChoice"] {
  if (choice === "none") return "none";
  if (choice === "required") return "any";
  const name = (choice as { function?: { name?: unknown } } | undefined)?.function?.name;
  return typeof name === "string" ? { name } : "auto";
}

const FINISH = { stop: "stop", length: "length", tool_calls: "tool_calls" } as const;

export function chatCompletion(reply: ModelReply, model: string, id: string, created: number): unknown {
  return {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created,
    model,
    system_fingerprint: "fp_scripted",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: reply.toolCalls.length > 0 ? null : reply.text,
          refusal: null,
          ...(reply.toolCalls.length > 0 && { tool_calls: reply.toolCalls.map(toolCall) }),
        },
        logprobs: null,
        finish_reason: FINISH[reply.finish],
      },
    ],
    usage: usage(reply),
  };
}

/** The events of a streamed completion, each the data of one server-sent event. */
export function chatChunks(
  reply: ModelReply,
  model: string,
  id: string,
  created: number,
  includeUsage: boolean,
): string[] {
  const chunk = (choices: unknown[], extra: object = {}) =>
    JSON.stringify({
      id: `chatcmpl-${id}`,
      object: "chat.completion.chunk",
      created,
      model,
      choices,
      ...extra,
    });
  const delta = (part: unknown, finish: string | null = null) =>
    chunk([{ index: 0, delta: part, logprobs: null, finish_reason: finish }]);
  const parts =
    reply.toolCalls.length > 0
      ? reply.toolCalls.map((call, index) => delta({ tool_calls: [{ index, ...toolCall(call) }] }))
      : pieces(reply.text).map((content) => delta({ content }));
  return [
    delta({ role: "assistant", content: "" }),
    ...parts,
    delta({}, FINISH[reply.finish]),
    ...(includeUsage ? [chunk([], { usage: usage(reply) })] : []),
    "[DONE]",
  ];
}

function toolCall(call: ModelReply["toolCalls"][number]) {
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.brokenArguments ?? JSON.stringify(call.arguments) },
  };
}

function usage({ usage: { inputTokens, outputTokens } }: ModelReply) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}

/** A text in the portions that a model would stream it in. */
export function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,16}(?=\s|$)|[\s\S]{1,16}/g) ?? [];
}

/** What Azure's filter makes of a question comes before the answer, in a chunk of no model and no choice. */
export const AZURE_FIRST_CHUNK = JSON.stringify({
  id: "",
  object: "",
  created: 0,
  model: "",
  choices: [],
  prompt_filter_results: [
    { prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: "safe" } } },
  ],
});
