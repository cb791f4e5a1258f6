import type OpenAI from "openai";
import type { Answer, CompletionCall, ToolCall } from "../completion.ts";
import { finish, openaiClient, readUsage } from "../openai.ts";
import type { EndpointSettings } from "../protocol-caller.ts";
import { sendingTo } from "../bounded-fetch.ts";
import { UNKNOWN_USAGE, type Usage } from "../usage.ts";
import { brokenOff, streamFailure } from "./stream-failure.ts";
import { streamedFetch } from "./streamed-fetch.ts";
import type { StreamWatch } from "./stream-watch.ts";
import { Watchdog } from "./watchdog.ts";

type StreamBody = OpenAI.Chat.ChatCompletionCreateParamsStreaming;

/** An answer of OpenAI's chat completions, told as it comes. Whole only after a reason for its end and the last mark. */
export async function streamOpenai(
  settings: EndpointSettings,
  { target, request, signal }: CompletionCall,
  { onText, limits }: StreamWatch,
): Promise<Answer> {
  const place = { target, endpoint: settings.baseURL };
  let isDone = false;
  const client = await openaiClient(
    settings,
    streamedFetch({
      ...sendingTo(settings),
      onDone: () => (isDone = true),
    }),
  );
  const watchdog = new Watchdog(limits, signal);
  let [text, refusal] = ["", ""];
  let usage: Usage = UNKNOWN_USAGE;
  let responseModel: string | undefined;
  let finishReason: string | undefined;
  const calls: ToolCall[] = [];
  try {
    const body = {
      ...request,
      model: target.model,
      stream: true,
      stream_options: { include_usage: true },
    } as unknown as StreamBody;
    for await (const chunk of await client.chat.completions.create(body, { signal: watchdog.signal })) {
      watchdog.heard();
      responseModel ??= chunk.model;
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
