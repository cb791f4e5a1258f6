import type { Invocation, InvocationStream, InvokeEvent } from "./invocation.ts";

/** An answer's events, kept until they are read. */
export class ToldStream implements InvocationStream {
  readonly result: Promise<Invocation>;
  readonly cancel: () => void;
  readonly #waiting: InvokeEvent[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  /** `run` is told where events go; `cancel` ends it. */
  constructor(run: (tell: (event: InvokeEvent) => void) => Promise<Invocation>, cancel: () => void) {
    this.cancel = cancel;
    this.result = run((event) => {
      this.#waiting.push(event);
      this.#wake?.();
    }).finally(() => {
      this.#isOver = true;
      this.#wake?.();
    });
    // Whoever reads the events is told of its failure there.
    this.result.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<InvokeEvent, void> {
    try {
      for (;;) {
        const event = this.#waiting.shift();
        if (event !== undefined) yield event;
        else if (this.#isOver) break;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      await this.result;
    } finally {
      // Also of a reader that has gone away.
      if (!this.#isOver) this.cancel();
    }
  }
}
