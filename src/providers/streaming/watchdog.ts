import { callFailure, type CallPlace } from "../call-failure.ts";
import type { SluiceError } from "../../domain/errors.ts";

/** How long a stream may be silent, in milliseconds. */
export interface StreamLimits {
  /** Until the first event of the answer. */
  readonly firstTokenMs: number;
  /** Between two events; what only keeps the connection open is none. */
  readonly idleMs: number;
  /** The whole answer. */
  readonly attemptMs: number;
}

export const STREAM_LIMITS: StreamLimits = { firstTokenMs: 30_000, idleMs: 20_000, attemptMs: 120_000 };

type Cause = "cancelled" | "first" | "idle" | "whole";

/**
 * Ends a stream that stands still, or whose caller has gone. The vendors' SDKs end an aborted stream as if it were
 * complete, so whoever reads one asks here at its end why it has ended.
 */
export class Watchdog {
  readonly #abort = new AbortController();
  readonly #limits: StreamLimits;
  readonly #whole: ReturnType<typeof setTimeout>;
  readonly #caller: AbortSignal | undefined;
  readonly #cancel = () => this.#end("cancelled");
  #silence: ReturnType<typeof setTimeout>;
  #cause: Cause | undefined;

  constructor(limits: StreamLimits, caller: AbortSignal | undefined) {
    this.#limits = limits;
    this.#caller = caller;
    this.#whole = setTimeout(() => this.#end("whole"), limits.attemptMs);
    this.#silence = setTimeout(() => this.#end("first"), limits.firstTokenMs);
    if (caller?.aborted) this.#end("cancelled");
    caller?.addEventListener("abort", this.#cancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Something of the answer has come. */
  heard(): void {
    clearTimeout(this.#silence);
    if (this.#cause === undefined) this.#silence = setTimeout(() => this.#end("idle"), this.#limits.idleMs);
  }

  /** Why the stream was ended from here; undefined where it was not. */
  failure(place: CallPlace): SluiceError | undefined {
    const seconds = (ms: number) => `${Number((ms / 1_000).toPrecision(3))} s`;
    const { firstTokenMs, idleMs, attemptMs } = this.#limits;
    switch (this.#cause) {
      case undefined:
        return undefined;
      case "cancelled":
        return callFailure("cancelled", place, "the call was cancelled");
      case "first":
        return callFailure(
          "first_token_timeout",
          place,
          `${place.endpoint} began no answer within ${seconds(firstTokenMs)}`,
        );
      case "idle":
        return callFailure(
          "idle_timeout",
          place,
          `${place.endpoint} fell silent for ${seconds(idleMs)} in its answer`,
        );
      case "whole":
        return callFailure(
          "attempt_timeout",
          place,
          `${place.endpoint} was not done within ${seconds(attemptMs)}`,
        );
    }
  }

  #end(cause: Cause): void {
    this.#cause ??= cause;
    this.#abort.abort();
  }

  /** Nothing is watched any more. */
  rest(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#silence);
    this.#caller?.removeEventListener("abort", this.#cancel);
  }
}
