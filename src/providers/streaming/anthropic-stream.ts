import type Anthropic from "@anthropic-ai/sdk";
import type { Answer, CompletionCall, ToolCall } from "../completion.ts";
import {
  anthropicClient,
  claudePlace,
  type ClaudeClient,
  finish,
  type OpenClient,
  readUsage,
} from "../protocols/anthropic.ts";
import type { EndpointSettings, ProtocolCaller } from "../protocols/protocol-caller.ts";
import { sendingTo } from "../bounded-fetch.ts";
import { orAborted } from "../or-aborted.ts";
import { brokenOff, streamFailure } from "./stream-failure.ts";
import { streamedFetch } from "./streamed-fetch.ts";
import type { StreamWatch } from "./stream-watch.ts";
import { Watchdog } from "./watchdog.ts";

type StreamBody = Anthropic.MessageCreateParamsStreaming;
type StreamEvent = Anthropic.RawMessageStreamEvent;

/** Anthropic's messages at one endpoint, told as they come. */
export async function anthropicStream(
  settings: EndpointSettings,
  open: OpenClient = anthropicClient,
): Promise<ProtocolCaller["stream"]> {
  const client = await open(settings, streamedFetch(sendingTo(settings)));
  return (call, watch) => streamOnce(client, settings, call, watch);
}

/** One answer. Whole only after `message_stop`. */
async function streamOnce(
  client: ClaudeClient,
  settings: EndpointSettings,
  { target, request, signal }: CompletionCall,
  { onText, limits }: StreamWatch,
): Promise<Answer> {
  const { place, model } = claudePlace(settings, target);
  const watchdog = new Watchdog(limits, signal);
  let text = "";
  let stopReason: string | null = null;
  let isDone = false;
  let counted: Partial<Anthropic.Usage> = {};
  let responseModel: string | undefined;
  const calls = new Map<number, ToolCall>();
  try {
    const body = { ...request, model, stream: true } as unknown as StreamBody;
    const { signal: ending } = watchdog;
    const asked = client.post<AsyncIterable<StreamEvent>>("/v1/messages", {
      body,
      stream: true,
      signal: ending,
    });
    const events = await orAborted(asked, ending);
    for await (const event of events) {
      watchdog.heard();
      if (event.type === "message_start") {
        counted = { ...event.message.usage };
        responseModel = event.message.model;
      } else if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
        const { id, name } = event.content_block;
        calls.set(event.index, { id, name, arguments: "" });
      } else if (event.type === "content_block_delta") {
        if (event.delta.type === "text_delta") {
          text += event.delta.text;
          onText(event.delta.text);
        } else if (event.delta.type === "input_json_delta") {
          const call = calls.get(event.index);
          if (call) calls.set(event.index, { ...call, arguments: call.arguments + event.delta.partial_json });
        }
      } else if (event.type === "message_delta") {
        stopReason = event.delta.stop_reason ?? stopReason;
        // What is counted at the end takes the place of what was known at the start.
        counted = { ...counted, ...given(event.usage) };
      } else if (event.type === "message_stop") isDone = true;
    }
  } catch (error) {
    throw streamFailure(error, place, watchdog);
  } finally {
    watchdog.rest();
  }
  const ended = watchdog.failure(place);
  if (ended) throw ended;
  if (!isDone) throw brokenOff(place);
  return {
    text,
    toolCalls: [...calls.values()].map((call) => ({ ...call, arguments: call.arguments || "{}" })),
    finishReason: finish(stopReason),
    refused: stopReason === "refusal",
    usage: readUsage(counted),
    ...(responseModel && { responseModel }),
  };
}

function given(usage: Anthropic.MessageDeltaUsage | undefined): Partial<Anthropic.Usage> {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, count]) => typeof count === "number"));
}
