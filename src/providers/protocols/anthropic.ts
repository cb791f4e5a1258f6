import type Anthropic from "@anthropic-ai/sdk";
import { boundedFetch, sendingTo } from "../bounded-fetch.ts";
import { type AnswerFailure, vendorCall } from "./vendor-call.ts";
import { loginOf, nameAt } from "../cloud.ts";
import type { Answer, CallTarget, FinishReason } from "../completion.ts";
import type { EndpointSettings, ProtocolCaller } from "./protocol-caller.ts";
import { UNKNOWN_USAGE, type Usage } from "../usage.ts";

type MessageBody = Anthropic.MessageCreateParamsNonStreaming;

/** A client of the vendor's, or of a cloud that serves its models. */
export type ClaudeClient = Pick<Anthropic, "get" | "post">;

/** Opens one, whose requests are sent by this `fetch`. */
export type OpenClient = (
  settings: EndpointSettings,
  fetch: typeof globalThis.fetch,
) => Promise<ClaudeClient>;

/** What every client of the family is told. */
export function clientOptions({ baseURL, timeoutMs }: EndpointSettings, fetch: typeof globalThis.fetch) {
  return { baseURL, timeout: timeoutMs, maxRetries: 0, logLevel: "off" as const, fetch };
}

/** The vendor's client: what it would read of the environment, it is told. */
export const anthropicClient: OpenClient = async (settings, fetch) => {
  const { default: Client } = await import("@anthropic-ai/sdk");
  return new Client({
    ...clientOptions(settings, fetch),
    apiKey: settings.apiKey || "none",
    // Null, or the SDK reads the environment, which only config.ts may.
    authToken: null,
    webhookKey: null,
  });
};

/** Where a call to a Claude goes, and what it is called there. */
export function claudePlace({ baseURL, cloud }: EndpointSettings, target: CallTarget) {
  const place = { target, endpoint: baseURL, ...(cloud && { cloud: loginOf(cloud) }) };
  return { place, model: cloud ? nameAt(cloud, target.model) : target.model };
}

/** Anthropic's messages, and every endpoint that speaks them. */
export async function anthropicCaller(
  settings: EndpointSettings,
  open: OpenClient = anthropicClient,
): Promise<Pick<ProtocolCaller, "complete" | "list">> {
  const client = await open(settings, boundedFetch(sendingTo(settings)));
  return {
    complete: ({ target, request, signal }) => {
      const { place, model } = claudePlace(settings, target);
      return vendorCall(place, signal, async (fail) => {
        const body = { ...request, model, stream: false } as unknown as MessageBody;
        // What messages.create sends, without its warning on the console at every call of an ageing model.
        const answer = await client.post<Anthropic.Message>("/v1/messages", {
          body,
          timeout: settings.timeoutMs,
          ...(signal && { signal }),
        });
        return readAnswer(answer, fail);
      });
    },
    list: ({ target, signal }) => {
      const { place, model } = claudePlace(settings, target);
      const options = { ...(signal && { signal }) };
      return vendorCall(place, signal, async () => {
        if (!settings.cloud) return void (await client.get("/v1/models", options));
        // A cloud has no such list. What it refuses as empty it has let in, and it costs nothing.
        const body = { model, max_tokens: 1, messages: [] };
        await client.post("/v1/messages", { body, ...options }).catch(unlessRefused);
      });
    },
  };
}

function unlessRefused(error: unknown): void {
  if ((error as { status?: unknown }).status !== 400) throw error;
}

function readAnswer(answer: Anthropic.Message, fail: AnswerFailure): Answer {
  if (!Array.isArray(answer.content)) throw fail("malformed", "an answer without content");
  const text = answer.content.map((block) => (block.type === "text" ? block.text : "")).join("");
  const toolCalls = answer.content.flatMap((block) =>
    block.type === "tool_use"
      ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input) }]
      : [],
  );
  // An answer without a text that the model ended by itself is empty, and so is a refusal.
  const isComplete = ["end_turn", "stop_sequence", "refusal"].includes(answer.stop_reason ?? "");
  if (text === "" && toolCalls.length === 0 && !isComplete)
    throw fail("no_text", `an answer without text (stop_reason ${answer.stop_reason})`);
  return {
    text,
    toolCalls,
    finishReason: finish(answer.stop_reason),
    refused: answer.stop_reason === "refusal",
    usage: readUsage(answer.usage),
    ...(answer.model && { responseModel: answer.model }),
  };
}

export function readUsage(usage: Partial<Anthropic.Usage> | undefined): Usage {
  if (typeof usage?.input_tokens !== "number" || typeof usage.output_tokens !== "number")
    return UNKNOWN_USAGE;
  const read = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  return {
    // The vendor counts the three apart.
    inputTokens: usage.input_tokens + read + written,
    ...(read > 0 && { cachedInputTokens: read }),
    ...(written > 0 && { cacheWriteTokens: written }),
    outputTokens: usage.output_tokens,
  };
}

export function finish(reason: string | null): FinishReason {
  switch (reason) {
    case "end_turn":
    case "stop_sequence":
      return "stop";
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return "tool_calls";
    case "refusal":
      return "content_filter";
    default:
      return "other";
  }
}
