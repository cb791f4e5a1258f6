import type { ModelTarget } from "../domain/prompt/artifact.ts";
import type { Budget } from "./budget.ts";
import type { Usage } from "./usage.ts";

/** Where a model is asked when that is not where the user's own settings say. */
export interface CallEndpoint {
  /** As the vendor's SDK takes it: with `/v1` for OpenAI, without for Anthropic. */
  readonly baseURL: string;
  /** Without one the call carries no key: the user's own is for the user's own endpoint. */
  readonly apiKey?: string;
}

/** A model, and where it is asked; without an endpoint at the user's own. */
export interface CallTarget extends ModelTarget {
  readonly endpoint?: CallEndpoint | undefined;
  /** OpenAI's Responses API; without it chat completions. */
  readonly api?: "responses" | undefined;
}

/** One call to a model: the provider's own request body, as the templates build it. */
export interface CompletionCall {
  readonly target: CallTarget;
  /** Body of OpenAI's chat completions or responses, or of Anthropic's messages. `model` is set from the target. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal | undefined;
  /** What the call is paid from; a model without a known price is then an error. */
  readonly budget?: Budget | undefined;
  /** Further attempts, in place of what is usual. */
  readonly maxRetries?: number;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** Arguments as JSON text, as the model wrote them: they may not parse. */
  readonly arguments: string;
  /** Made in the older way, of one of OpenAI's `functions`. */
  readonly isFunction?: true;
}

/** The same words for both providers; `other` for what only one of them knows. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "other";

export interface Completion {
  /** The answer's text, empty when the model only called tools. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  /** True when the provider itself marks the answer as a refusal. */
  readonly refused: boolean;
  readonly usage: Usage;
  /** What the endpoint says that it was: often a dated snapshot. */
  readonly responseModel?: string;
  /** Of the attempt that succeeded, in milliseconds, without waiting for a place or a retry. */
  readonly latencyMs: number;
  /** List price in US dollars; null when the model's price is not known. */
  readonly costUsd: number | null;
  /** Calls it took, 1 when the first one succeeded. */
  readonly attempts: number;
}

/** What a provider's adapter gives back, before price, time and attempts are known. */
export type Answer = Pick<
  Completion,
  "text" | "toolCalls" | "finishReason" | "refused" | "usage" | "responseModel"
>;

/** Sends one request, once, and reads its answer; throws a SluiceError made by `call-failure.ts`. */
export type Caller = (call: CompletionCall) => Promise<Answer>;

export interface EmbeddingCall {
  readonly target: CallTarget;
  readonly input: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly budget?: Budget | undefined;
}

export interface Embeddings {
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
  readonly costUsd: number | null;
}
