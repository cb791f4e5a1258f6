import type OpenAI from "openai";
import type { Answer, FinishReason } from "../completion.ts";
import { UNKNOWN_USAGE, type Usage } from "../usage.ts";
import type { AnswerFailure } from "./vendor-call.ts";

export type ResponsesBody = OpenAI.Responses.ResponseCreateParamsNonStreaming;

/** The answer in a response of OpenAI's Responses API; what the model did on the way (reasoning, searches) is left out. */
export function readResponse(answer: OpenAI.Responses.Response, fail: AnswerFailure): Answer {
  if (!Array.isArray(answer.output)) throw fail("malformed", "an answer without output");
  const parts = answer.output.flatMap((item) => (item.type === "message" ? item.content : []));
  const refusals = parts.flatMap((part) => (part.type === "refusal" ? [part.refusal] : []));
  const text =
    parts.map((part) => (part.type === "output_text" ? part.text : "")).join("") || refusals.join("");
  const toolCalls = answer.output.flatMap((item) =>
    item.type === "function_call" ? [{ id: item.call_id, name: item.name, arguments: item.arguments }] : [],
  );
  const finishReason = finish(answer, toolCalls.length > 0);
  if (text === "" && toolCalls.length === 0 && finishReason !== "stop")
    throw fail("no_text", `an answer without text (status ${answer.status})`);
  return {
    text,
    toolCalls,
    finishReason,
    refused: refusals.length > 0 || finishReason === "content_filter",
    usage: readUsage(answer.usage),
  };
}

function finish({ status, incomplete_details }: OpenAI.Responses.Response, isCall: boolean): FinishReason {
  if (status === "incomplete")
    return incomplete_details?.reason === "max_output_tokens"
      ? "length"
      : incomplete_details?.reason === "content_filter"
        ? "content_filter"
        : "other";
  if (status !== undefined && status !== "completed") return "other";
  return isCall ? "tool_calls" : "stop";
}

function readUsage(usage: OpenAI.Responses.ResponseUsage | undefined): Usage {
  if (typeof usage?.input_tokens !== "number" || typeof usage.output_tokens !== "number")
    return UNKNOWN_USAGE;
  const cached = usage.input_tokens_details?.cached_tokens ?? 0;
  return {
    inputTokens: usage.input_tokens,
    ...(cached > 0 && { cachedInputTokens: cached }),
    outputTokens: usage.output_tokens,
  };
}
