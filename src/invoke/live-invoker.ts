import type { BreakerHealth } from "../providers/breaking/endpoint-breaker.ts";
import { type CallLimits, readLimits } from "./call-limits.ts";
import { CallClock } from "./call-clock.ts";
import type { Invocation, InvocationStream, InvokeEvent } from "./invocation.ts";
import { InvokeError } from "./invoke-error.ts";
import type { InvokeRequest, StreamRequest } from "./invoke-request.ts";
import type { Invoker } from "./invoker.ts";
import { type InvokerParts, runInvocation } from "./run-invocation.ts";
import { ToldStream } from "./told-stream.ts";

/** How long `close` waits for what is under way, in milliseconds. */
const CLOSE_MS = 5_000;

export class LiveInvoker implements Invoker {
  readonly #parts: InvokerParts;
  readonly #limits: Partial<CallLimits> | undefined;
  readonly #underWay = new Map<CallClock, Promise<unknown>>();
  #isClosed = false;

  constructor(parts: InvokerParts, limits?: Partial<CallLimits>) {
    readLimits(limits);
    this.#parts = parts;
    this.#limits = limits;
  }

  invoke<T = unknown>(request: InvokeRequest): Promise<Invocation<T>> {
    return this.#start(request, undefined) as Promise<Invocation<T>>;
  }

  stream<T = unknown>(request: StreamRequest): InvocationStream<T> {
    const own = new AbortController();
    const given = request.signal;
    const cancel = () => own.abort();
    if (given?.aborted) cancel();
    given?.addEventListener("abort", cancel, { once: true });
    const run = (tell: (event: InvokeEvent) => void) =>
      this.#start({ ...request, signal: own.signal }, tell).finally(() =>
        given?.removeEventListener("abort", cancel),
      );
    return new ToldStream(run, cancel) as InvocationStream as InvocationStream<T>;
  }

  async #start(
    request: StreamRequest,
    tell: ((event: InvokeEvent) => void) | undefined,
  ): Promise<Invocation> {
    if (this.#isClosed)
      throw new InvokeError("closed", "the invoker is closed; make another one", {
        attempts: [],
        outcomeId: "",
      });
    const limits = readLimits(this.#limits, request.limits);
    const clock = new CallClock(limits.deadlineMs, request.signal);
    const running = runInvocation(this.#parts, { request, limits, clock, tell });
    this.#underWay.set(clock, running);
    try {
      return await running;
    } finally {
      clock.rest();
      this.#underWay.delete(clock);
    }
  }

  health(): readonly BreakerHealth[] {
    return this.#parts.breaker?.health() ?? [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const ending = setTimeout(() => {
      for (const clock of this.#underWay.keys()) clock.end("closed");
    }, CLOSE_MS);
    await Promise.allSettled(this.#underWay.values());
    clearTimeout(ending);
    this.#parts.breaker?.close();
    this.#parts.budgets?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
