import { counted, wordFor } from "../../domain/text/counted.ts";
import { partTokens } from "../../domain/prompt/content-parts.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { RenderedMessage } from "../rendered-message.ts";

export interface TokenBudget {
  /** The model's context window in tokens, input and output together; see `contextWindow`. */
  readonly window: number;
  /** Counts the tokens of a text, exactly or by an estimate. */
  readonly count: (text: string) => number;
  /** Tokens kept for the answer. Default: the artifact's max_tokens, or nothing. */
  readonly output?: number | undefined;
  /** Share of the window left free, because counts of vendors and libraries differ. Default 0.1. */
  readonly headroom?: number | undefined;
}

/** Where a message came from: the prompt's own text, its examples, or the caller's earlier turns. */
export type MessageOrigin = "prompt" | "example" | "history";

export interface FittedMessages {
  readonly messages: RenderedMessage[];
  /** What these messages cost, with the overhead that was passed in. */
  readonly tokens: number;
  /** What was left out or cut, if anything. */
  readonly warnings: string[];
}

/** Tokens that a vendor's format adds to each message, on the safe side. */
const TOKENS_PER_MESSAGE = 4;

/**
 * Makes messages fit a context window. What the prompt itself says (system and current user messages)
 * stays; the oldest turns of the history go first, whole turns so that no tool result loses its call;
 * then examples, the first first; last, the end of the longest system message. Each is told in a
 * warning. Messages that cannot fit even so are `invalid_input`, saying by how much.
 *
 * @param overhead tokens of what is sent beside the messages: tools and the output schema
 */
export function fitMessages(
  messages: readonly RenderedMessage[],
  origins: readonly MessageOrigin[],
  budget: TokenBudget,
  overhead = 0,
): FittedMessages {
  const { window, count, output = 0, headroom = 0.1 } = budget;
  if (!(window > 0) || !(output >= 0) || !(headroom >= 0 && headroom < 1))
    throw invalidInput(
      "token budget: window must be more than 0, output at least 0, headroom from 0 up to 1",
    );
  const limit = Math.floor(window * (1 - headroom)) - output;
  const costs = messages.map((message) => messageTokens(message, count));
  let tokens = costs.reduce((sum, cost) => sum + cost, overhead);
  const kept = messages.map(() => true);
  const warnings: string[] = [];
  const drop = (origin: MessageOrigin, startsTurn: (index: number) => boolean): void => {
    const candidates = origins.flatMap((one, index) => (one === origin ? [index] : []));
    let dropped = 0;
    for (const index of candidates) {
      if (tokens <= limit && startsTurn(index)) break;
      kept[index] = false;
      tokens -= costs[index]!;
      dropped++;
    }
    if (dropped > 0)
      warnings.push(
        `${dropped} of ${counted(candidates.length, `${origin} message`)} ${wordFor(dropped, "was", "were")} left out to fit ${counted(limit, "token")}`,
      );
  };
  if (tokens > limit) drop("history", (index) => messages[index]!.role === "user");
  if (tokens > limit) drop("example", (index) => messages[index]!.role === "user");
  const result = messages.map((message) => ({ ...message })) as RenderedMessage[];
  if (tokens > limit) tokens -= cutSystem(result, kept, tokens - limit, limit, count, warnings);
  return { messages: result.filter((_, index) => kept[index]), tokens, warnings };
}

/** Shortens the longest system message by a number of tokens at least; gives how many it saved. */
function cutSystem(
  messages: RenderedMessage[],
  kept: readonly boolean[],
  excess: number,
  limit: number,
  count: (text: string) => number,
  warnings: string[],
): number {
  let longest: RenderedMessage | undefined;
  messages.forEach((message, index) => {
    if (kept[index] && message.role === "system" && message.content.length > (longest?.content.length ?? 0))
      longest = message;
  });
  const whole = longest ? count(longest.content) : 0;
  if (!longest || whole <= excess)
    throw invalidInput(
      `the prompt's own messages do not fit: they are ${counted(excess, "token")} over the ${limit} that the model's window leaves for input; shorten them or use a model with a larger window`,
      { kind: "too_long", limit, excess },
    );
  const text = longest.content;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (count(text.slice(0, middle)) <= whole - excess) low = middle;
    else high = middle - 1;
  }
  longest.content = text
    .slice(0, low)
    .toWellFormed()
    .replace(/\uFFFD$/, "");
  warnings.push(
    `the system message was cut from ${text.length} to ${counted(longest.content.length, "character")} to fit ${counted(limit, "token")}`,
  );
  return whole - count(longest.content);
}

function messageTokens(message: RenderedMessage, count: (text: string) => number): number {
  const calls =
    message.role === "assistant" && message.tool_calls ? count(JSON.stringify(message.tool_calls)) : 0;
  const parts = message.role === "user" ? partTokens(message.parts ?? []) : 0;
  return count(message.content) + parts + calls + TOKENS_PER_MESSAGE;
}
