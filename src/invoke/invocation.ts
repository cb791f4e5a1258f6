import type { FinishReason, ToolCall } from "../providers/completion.ts";
import type { Usage } from "../providers/usage.ts";
import type { ResolvedPrompt } from "../resolver/serving/resolved-prompt.ts";
import type { RenderedMessage } from "../templates/rendered-message.ts";
import type { InvokeFailureKind } from "./failure.ts";

/** One attempt to ask a model. */
export interface Attempt {
  /** `provider/model`. */
  readonly target: string;
  /** `ok`, or why there was no answer. */
  readonly result: "ok" | InvokeFailureKind;
  /** In milliseconds. */
  readonly ms: number;
  /** In US dollars; null where it is not known. */
  readonly costUsd: number | null;
}

/** Tokens; 0 of a kind that a vendor does not count. */
export type InvocationUsage = Required<Omit<Usage, "isUnknown">>;

/** An answer, and everything that is known of how it came about. */
export interface Invocation<T = unknown> {
  readonly text: string;
  /** Of a version with an `output_schema`, the value that fits it; undefined for others and for a refusal. */
  readonly output: T | undefined;
  /** Calls of tools that were not carried out here. */
  readonly toolCalls: readonly ToolCall[];
  /** All that was said, tools and this answer included: what a next turn takes as its history. */
  readonly messages: readonly RenderedMessage[];
  readonly finishReason: FinishReason;
  /** The vendor marks the answer as a refusal. */
  readonly refused: boolean;
  /** Of all attempts that answered. */
  readonly usage: InvocationUsage;
  /** Of all attempts, in US dollars; null where a price is not known. */
  readonly costUsd: number | null;
  /** From the call of `invoke` to its end, in milliseconds. */
  readonly latencyMs: number;
  /** Until the first text of a stream, in milliseconds; null where nothing was streamed. */
  readonly ttftMs: number | null;
  /** `provider/model` that answered. */
  readonly target: string;
  /** What the vendor says that it was. */
  readonly responseModel: string | null;
  readonly attempts: readonly Attempt[];
  /** The answer is another model's than the version's own. */
  readonly fallback: boolean;
  /** Whether the answer had to be made to fit the `output_schema`: by taking the text around it away, or by asking. */
  readonly repaired: "no" | "local" | "asked";
  /** The answer was given before, to somebody who asked exactly the same; `stale`: longer ago, as no model answered now. */
  readonly cached: "no" | "exact" | "stale";
  /** Which version, of which arm, and why. */
  readonly prompt: ResolvedPrompt;
  readonly warnings: readonly string[];
  /** Of the outcome that was recorded. */
  readonly outcomeId: string;
  /** Records more that came of it, for the same unit: `record({ rating: 5 })`. */
  readonly record: (
    metrics: Readonly<Record<string, number | boolean>>,
    more?: { readonly feedback?: string },
  ) => void;
}

/** What a stream tells. */
export type InvokeEvent =
  | { readonly type: "start"; readonly target: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_call"; readonly call: ToolCall }
  | { readonly type: "tool_result"; readonly callId: string; readonly result: string }
  | { readonly type: "restart"; readonly reason: InvokeFailureKind }
  | { readonly type: "finish"; readonly finishReason: FinishReason };

/** An answer as it comes. Whoever stops reading cancels it. */
export interface InvocationStream<T = unknown> extends AsyncIterable<InvokeEvent> {
  /** The whole answer. It may be ignored: reading the events fails with the same error. */
  readonly result: Promise<Invocation<T>>;
  cancel(): void;
}
