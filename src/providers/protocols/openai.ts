import type OpenAI from "openai";
import type { Answer, FinishReason, ToolCall } from "../completion.ts";
import type { EndpointSettings, ProtocolCaller } from "./protocol-caller.ts";
import { UNKNOWN_USAGE, type Usage } from "../usage.ts";
import { readResponse, type ResponsesBody } from "./openai-response.ts";
import { boundedFetch, sendingTo } from "../bounded-fetch.ts";
import { type AnswerFailure, vendorCall } from "./vendor-call.ts";

type ChatBody = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

/** The vendor's client: what it would read of the environment, it is told. */
export async function openaiClient(
  settings: EndpointSettings,
  fetch: typeof globalThis.fetch,
): Promise<OpenAI> {
  const { default: Client, AzureOpenAI } = await import("openai");
  const options = {
    // Never empty, or the SDK asks for one.
    apiKey: settings.apiKey || "none",
    baseURL: settings.baseURL,
    timeout: settings.timeoutMs,
    // Retries are ours (retry.ts): one place for the budget, the waiting and the message.
    maxRetries: 0,
    // Null, or the SDK reads the environment, which only config.ts may.
    organization: null,
    project: null,
    webhookSecret: null,
    adminAPIKey: null,
    logLevel: "off" as const,
    fetch,
  };
  const { azure } = settings;
  return azure ? new AzureOpenAI({ ...options, apiVersion: azure.apiVersion }) : new Client(options);
}

/** What a model is called at an endpoint: at Azure by the name of its deployment, which the SDK puts into the address. */
export function modelAt({ azure }: EndpointSettings, { model }: { readonly model: string }): string {
  return azure && Object.hasOwn(azure.deployments, model) ? azure.deployments[model]! : model;
}

/** OpenAI's chat completions, responses and embeddings, and every endpoint that speaks them. */
export async function openaiCaller(
  settings: EndpointSettings,
): Promise<Omit<Required<ProtocolCaller>, "stream">> {
  const client = await openaiClient(settings, boundedFetch(sendingTo(settings)));
  return {
    complete: ({ target, request, signal }) =>
      vendorCall({ target, endpoint: settings.baseURL }, signal, async (fail) => {
        const body = { ...request, model: modelAt(settings, target), stream: false };
        const options = { ...(signal && { signal }) };
        return target.api === "responses"
          ? readResponse(await client.responses.create(body as unknown as ResponsesBody, options), fail)
          : readAnswer(await client.chat.completions.create(body as unknown as ChatBody, options), fail);
      }),
    list: ({ target, signal }) =>
      vendorCall({ target, endpoint: settings.baseURL }, signal, async () => {
        await client.models.list({ ...(signal && { signal }) });
      }),
    embed: ({ target, input, signal }) =>
      vendorCall({ target, endpoint: settings.baseURL }, signal, async (fail) => {
        const answer = await client.embeddings.create(
          { model: modelAt(settings, target), input: [...input], encoding_format: "float" },
          { ...(signal && { signal }) },
        );
        const vectors = (answer.data ?? []).map((item) => item.embedding);
        if (vectors.length !== input.length)
          throw fail("empty", `${vectors.length} of ${input.length} embeddings`);
        const inputTokens = answer.usage?.prompt_tokens;
        const usage = typeof inputTokens === "number" ? { inputTokens, outputTokens: 0 } : UNKNOWN_USAGE;
        return { vectors, usage };
      }),
  };
}

/** Endpoints that only resemble OpenAI's leave fields out, so nothing but the choice is taken for granted. */
function readAnswer(answer: OpenAI.Chat.ChatCompletion, fail: AnswerFailure): Answer {
  const choice = answer.choices?.[0];
  if (!choice?.message) throw fail("malformed", "an answer without choices");
  const { message } = choice;
  const text = message.content || message.refusal || "";
  const toolCalls = (message.tool_calls ?? []).map((call): ToolCall =>
    call.type === "function"
      ? { id: call.id, name: call.function.name, arguments: call.function.arguments }
      : { id: call.id, name: call.custom.name, arguments: JSON.stringify(call.custom.input) },
  );
  if (message.function_call) toolCalls.push({ id: "", ...message.function_call, isFunction: true });
  const finishReason = finish(choice.finish_reason);
  // An empty text that the model ended by itself is its answer.
  const isEmptyAnswer = message.content === "" && finishReason === "stop";
  if (text === "" && toolCalls.length === 0 && !isEmptyAnswer)
    throw fail("no_text", `an answer without text (finish_reason ${choice.finish_reason})`);
  return {
    text,
    toolCalls,
    finishReason,
    refused: Boolean(message.refusal) || finishReason === "content_filter",
    usage: readUsage(answer.usage),
    ...(answer.model && { responseModel: answer.model }),
  };
}

export function readUsage(usage: OpenAI.CompletionUsage | undefined): Usage {
  if (typeof usage?.prompt_tokens !== "number" || typeof usage.completion_tokens !== "number")
    return UNKNOWN_USAGE;
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    inputTokens: usage.prompt_tokens,
    ...(cached > 0 && { cachedInputTokens: cached }),
    outputTokens: usage.completion_tokens,
    ...(reasoning > 0 && { reasoningTokens: reasoning }),
  };
}

export function finish(reason: string): FinishReason {
  switch (reason) {
    case "stop":
    case "length":
    case "tool_calls":
    case "content_filter":
      return reason;
    case "function_call":
      return "tool_calls";
    default:
      return "other";
  }
}
