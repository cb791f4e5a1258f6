/** What a piece of work is called in a trace, and what it is about. */
export interface SpanStart {
  readonly name: string;
  readonly kind?: "server" | "client" | "internal" | "consumer";
  /** W3C traceparent of what asked for it; the span that runs where absent. */
  readonly parent?: string | undefined;
  /** Never a key, a unit, a value or the text of a prompt. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Makes spans, where this process makes traces. */
export interface Spans {
  /** Runs work in a span, which has failed where the work has. */
  run<R>(start: SpanStart, work: () => Promise<R>): Promise<R>;
  /** W3C traceparent of the span that runs. */
  active(): string | undefined;
  /** Sends what is left. */
  stop(): Promise<void>;
}
