import type OpenAI from "openai";
import type { Answer, CompletionCall, ToolCall } from "../completion.ts";
import { finish, modelAt, openaiClient, readUsage } from "../protocols/openai.ts";
import type { EndpointSettings, ProtocolCaller } from "../protocols/protocol-caller.ts";
import { sendingTo } from "../bounded-fetch.ts";
import { UNKNOWN_USAGE, type Usage } from "../usage.ts";
import { brokenOff, streamFailure } from "./stream-failure.ts";
import { hasCome, streamedFetch } from "./streamed-fetch.ts";
import type { StreamWatch } from "./stream-watch.ts";
import { Watchdog } from "./watchdog.ts";

type StreamBody = OpenAI.Chat.ChatCompletionCreateParamsStreaming;

/** OpenAI's chat completions at one endpoint, told as they come. */
export async function openaiStream(settings: EndpointSettings): Promise<ProtocolCaller["stream"]> {
  const client = await openaiClient(settings, streamedFetch(sendingTo(settings)));
  return (call, watch) => streamOnce(client, settings, call, watch);
}

/** One answer. Whole only after a reason for its end and the last mark. */
async function streamOnce(
  client: OpenAI,
  settings: EndpointSettings,
  { target, request, signal }: CompletionCall,
  { onText, limits }: StreamWatch,
): Promise<Answer> {
  const place = { target, endpoint: settings.baseURL };
  let isDone = false;
  const watchdog = new Watchdog(limits, signal);
  let [text, refusal] = ["", ""];
  let usage: Usage = UNKNOWN_USAGE;
  let responseModel: string | undefined;
  let finishReason: string | undefined;
  const calls: ToolCall[] = [];
  try {
    const body = {
      ...request,
      model: modelAt(settings, target),
      stream: true,
      stream_options: { include_usage: true },
    } as unknown as StreamBody;
    const { signal: ending } = watchdog;
    const { data, response } = await client.chat.completions.create(body, { signal: ending }).withResponse();
    for await (const chunk of data) {
      // Azure's first one says what its filter made of the question: of no model, and no beginning of an answer.
      const isFilters = chunk.choices?.length === 0 && !chunk.usage;
      if (!isFilters) watchdog.heard();
      responseModel ||= chunk.model;
      // Mostly in a chunk of its own, at some endpoints in one with a choice: the last one counts.
      if (chunk.usage) usage = readUsage(chunk.usage);
      const choice = chunk.choices?.[0];
      if (!choice) continue;
      if (choice.delta?.content) {
        text += choice.delta.content;
        onText(choice.delta.content);
      }
      refusal += choice.delta?.refusal ?? "";
      for (const part of choice.delta?.tool_calls ?? []) addTo(calls, part);
      finishReason = choice.finish_reason ?? finishReason;
    }
    isDone = hasCome(response);
  } catch (error) {
    throw streamFailure(error, place, watchdog);
  } finally {
    watchdog.rest();
  }
  // The SDK ends an aborted stream, and one that was cut, as if they were complete.
  const ended = watchdog.failure(place);
  if (ended) throw ended;
  if (finishReason === undefined || !isDone) throw brokenOff(place);
  if (refusal !== "" && text === "") onText(refusal);
  return {
    text: text || refusal,
    toolCalls: calls,
    finishReason: finish(finishReason),
    refused: refusal !== "" || finishReason === "content_filter",
    usage,
    ...(responseModel && { responseModel }),
  };
}

/** Name and arguments come in pieces. */
function addTo(
  calls: ToolCall[],
  { index, id, function: piece }: OpenAI.Chat.ChatCompletionChunk.Choice.Delta.ToolCall,
): void {
  const before = calls[index] ?? { id: "", name: "", arguments: "" };
  calls[index] = {
    id: id ?? before.id,
    name: before.name + (piece?.name ?? ""),
    arguments: before.arguments + (piece?.arguments ?? ""),
  };
}
