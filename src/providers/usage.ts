/** Tokens as the provider counted them, not an estimate. */
export interface Usage {
  /** All input, cached or not. */
  readonly inputTokens: number;
  /** Of these, read from the vendor's cache. Absent: none. */
  readonly cachedInputTokens?: number;
  /** Of these, written to the vendor's cache. Absent: none, or charged like other input. */
  readonly cacheWriteTokens?: number;
  readonly outputTokens: number;
  /** Of these, what the model has thought before it answered. Absent: the vendor counts none apart. */
  readonly reasoningTokens?: number;
  /** The endpoint did not say: the numbers are 0 and mean nothing, and the cost is not known. */
  readonly isUnknown?: boolean;
}

/** Of an endpoint that leaves its usage out. */
export const UNKNOWN_USAGE: Usage = { inputTokens: 0, outputTokens: 0, isUnknown: true };
