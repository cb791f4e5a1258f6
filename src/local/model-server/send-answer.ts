import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { BreakingFault } from "./behaviour.ts";
import { isAnthropics, sendFault } from "./faults.ts";
import type { ModelReply } from "./model-request.ts";

/** An answer as it goes over the wire: the events of a stream, or one JSON body. */
export type WireAnswer =
  | {
      readonly events: readonly string[];
      /** How each goes over the wire, where not as text. */
      readonly frame?: ((event: string) => Uint8Array) | undefined;
      readonly body?: undefined;
    }
  | { readonly body: unknown; readonly events?: undefined };

const DRIP_MS = 40;

/** Sends an answer, whole or broken in the way that is asked for. */
export async function sendAnswer(
  response: ServerResponse,
  answer: WireAnswer,
  fault?: BreakingFault,
  path = "",
): Promise<void> {
  const frame: (event: string) => string | Uint8Array = (answer.events && answer.frame) || ((event) => event);
  const pieces = piecesOf(told(answer, fault)).map(frame);
  const type = answer.events
    ? answer.frame
      ? "application/vnd.amazon.eventstream"
      : "text/event-stream"
    : "application/json";
  const half = pieces.slice(0, Math.ceil(pieces.length / 2));
  if (!answer.events && fault === "error-event") return sendFault(response, "500", path);
  if (!answer.events && fault === "529-in-stream") return sendFault(response, "529", path);
  response.writeHead(200, { "content-type": type, "cache-control": "no-cache" });
  switch (fault) {
    case "cut":
      return write(response, half, () => response.end());
    case "reset-mid":
      return write(response, half, () => setImmediate(() => response.destroy()));
    case "error-event":
      return write(response, [...half, frame(errorEvent(path, "server_error"))], () => response.end());
    case "529-in-stream":
      return write(response, [...half, frame(errorEvent(path, "overloaded_error"))], () => response.end());
    case "stall-first":
      return response.flushHeaders();
    case "stall-mid":
      return write(response, half, () => undefined);
    case "drip":
      for (const piece of pieces) {
        if (response.destroyed) return;
        response.write(piece);
        await delay(DRIP_MS);
      }
      return void response.end();
    default:
      return write(response, pieces, () => response.end());
  }
}

/** What a model says whose answer is broken in itself, told as a whole one would be. */
export function brokenReply(reply: ModelReply, fault: BreakingFault): ModelReply {
  if (fault === "bad-json") return { ...reply, text: reply.text.slice(0, Math.ceil(reply.text.length / 2)) };
  if (fault !== "bad-tool-args") return reply;
  const toolCalls = reply.toolCalls.map((call) => ({ ...call, brokenArguments: '{"half": "of i' }));
  return { ...reply, toolCalls };
}

/** Endpoints that only resemble a vendor's leave their usage out, or tell it beside the answer. */
function told(answer: WireAnswer, fault: BreakingFault | undefined): WireAnswer {
  if (fault === "no-usage") {
    if (!answer.events) return { body: without(answer.body) };
    return { events: answer.events.map((event) => eventWith(event, without)) };
  }
  if (fault !== "usage-in-choice" || !answer.events) return answer;
  const usage = answer.events.map((event) => dataOf(event)?.["usage"]).find((one) => one);
  const events = answer.events.filter((event) => !isUsageAlone(event));
  return {
    events: events.map((event) => eventWith(event, (data) => (data["choices"] ? { ...data, usage } : data))),
  };
}

type Data = Record<string, unknown>;

function without(data: unknown): Data {
  const { usage: _, ...rest } = data as Data;
  const message = rest["message"] as Data | undefined;
  return message ? { ...rest, message: without(message) } : rest;
}

function isUsageAlone(event: string): boolean {
  const choices = dataOf(event)?.["choices"];
  return Array.isArray(choices) && choices.length === 0;
}

function dataOf(event: string): Data | undefined {
  const text = /^data: (\{.*)$/m.exec(event)?.[1];
  return text === undefined ? undefined : (JSON.parse(text) as Data);
}

function eventWith(event: string, change: (data: Data) => Data): string {
  const data = dataOf(event);
  return data ? event.replace(/^data: .*$/m, () => `data: ${JSON.stringify(change(data))}`) : event;
}

function piecesOf({ events, body }: WireAnswer): readonly string[] {
  return events ?? (JSON.stringify(body).match(/.{1,64}/gsu) as string[]);
}

function write(response: ServerResponse, pieces: readonly (string | Uint8Array)[], then: () => void): void {
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.write(pieces.at(-1) ?? "", then);
}

function errorEvent(path: string, type: string): string {
  const error = { type, message: "It went wrong in the middle (scripted)." };
  return isAnthropics(path)
    ? `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`
    : `data: ${JSON.stringify({ error })}\n\n`;
}
