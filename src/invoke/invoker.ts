import type { BreakerHealth } from "../providers/breaking/endpoint-breaker.ts";
import type { Invocation, InvocationStream } from "./invocation.ts";
import type { InvokeRequest, StreamRequest } from "./invoke-request.ts";

/** Calls models by the prompts that are live. Made by `createInvoker`. */
export interface Invoker extends AsyncDisposable {
  /**
   * Resolves the prompt, asks its model, and records what came of it. Rejects with an `InvokeError` where there is no
   * answer, and with `invalid_input` where the request is wrong; a refusal is an answer.
   */
  invoke<T = unknown>(request: InvokeRequest): Promise<Invocation<T>>;
  /** The same, told as it comes. Whatever is wrong is told by reading it. */
  stream<T = unknown>(request: StreamRequest): InvocationStream<T>;
  /** What is known of the endpoints that were called, and of the models behind them. */
  health(): readonly BreakerHealth[];
  /** Waits for the calls that are under way, 5 s at most, and then ends them. The resolver stays open. */
  close(): Promise<void>;
}
