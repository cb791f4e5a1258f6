import { Failure } from "./failure.ts";

/** Why an invocation is over before it has an answer. */
export type Ended = "cancelled" | "deadline" | "closed";

const ENDINGS: Readonly<Record<Ended, string>> = {
  cancelled: "the call was cancelled",
  deadline: "the deadline of the call has passed; raise limits.deadlineMs, or try again later",
  closed: "the invoker was closed while the call was under way",
};

/** The time that an invocation has, and who may end it before. Its `rest` has to be called. */
export class CallClock {
  readonly #abort = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #until: number;
  readonly #cancel = () => this.end("cancelled");
  #ended: Ended | undefined;

  constructor(deadlineMs: number, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#until = performance.now() + deadlineMs;
    this.#timer = setTimeout(() => this.end("deadline"), deadlineMs);
    if (caller?.aborted) this.end("cancelled");
    // Taken away at the end: the caller's signal may live as long as its service.
    else caller?.addEventListener("abort", this.#cancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get ended(): Ended | undefined {
    return this.#ended;
  }

  /** In milliseconds. */
  get remainingMs(): number {
    return this.#until - performance.now();
  }

  end(why: Ended): void {
    this.#ended ??= why;
    this.#abort.abort();
  }

  /** What a promise gives, or as soon as it is over the failure that says so. */
  async orOver<T>(promise: Promise<T>): Promise<T> {
    let over: (() => void) | undefined;
    const ended = new Promise<never>((_, reject) => {
      over = () => reject(this.failure());
      this.signal.addEventListener("abort", over, { once: true });
      if (this.#ended !== undefined) over();
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      this.signal.removeEventListener("abort", over!);
    }
  }

  /** Throws where it is over. */
  check(): void {
    if (this.#ended !== undefined) throw this.failure();
  }

  failure(): Failure {
    const why = this.#ended ?? "cancelled";
    return new Failure(why, ENDINGS[why]);
  }

  /** Waits, or until it is over. */
  async sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.#ended !== undefined) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Runs with a signal that is aborted after `ms` as well; `isLate` says whether that was why. */
  async within<T>(ms: number, run: (signal: AbortSignal) => Promise<T>, late: () => Error): Promise<T> {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      stop();
    }, ms);
    this.signal.addEventListener("abort", stop, { once: true });
    if (this.signal.aborted) stop();
    try {
      return await run(attempt.signal);
    } catch (error) {
      throw isLate && this.#ended === undefined ? late() : error;
    } finally {
      clearTimeout(timer);
      this.signal.removeEventListener("abort", stop);
    }
  }

  rest(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#cancel);
  }
}
