/** What calls go to: an endpoint (`model` null), or one model behind it. */
export interface CircuitName {
  readonly provider: string;
  /** Base URL, without secrets. */
  readonly endpoint: string;
  readonly model: string | null;
}

/** One that has failed too often. Times in milliseconds. */
export interface OpenCircuit extends CircuitName {
  /** Until a call may try; 0: one may, once it has been granted. */
  readonly openMs: number;
  /** The kind of the failure that opened it. */
  readonly reason: string;
}

/** What a process tells others of what it calls. */
export interface CircuitExchange {
  readonly opened: readonly OpenCircuit[];
  /** They answer again. */
  readonly closed: readonly CircuitName[];
  /** The one call that tries is asked for. */
  readonly probes: readonly CircuitName[];
}

/** What it is told. */
export interface CircuitAnswer {
  /** All that are open. */
  readonly open: readonly OpenCircuit[];
  /** Of the asked for, those that this process may try, and nobody else for a while. */
  readonly granted: readonly CircuitName[];
}

/** One that calls are held back from, as all processes have told each other. */
export interface HeldBack extends CircuitName {
  /** Half open: one call may try. */
  readonly state: "open" | "half_open";
  /** Until then, in milliseconds. */
  readonly retryAfterMs: number;
  /** The kind of the failure that opened it. */
  readonly reason: string;
  /** One call of all processes tries just now. */
  readonly isTried: boolean;
}
