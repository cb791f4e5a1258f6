/** Tokens as the provider counted them, not an estimate. */
export interface Usage {
  /** All input, cached or not. */
  readonly inputTokens: number;
  /** Of these, read from the vendor's cache. Absent: none. */
  readonly cachedInputTokens?: number;
  /** Of these, written to the vendor's cache. Absent: none, or charged like other input. */
  readonly cacheWriteTokens?: number;
  readonly outputTokens: number;
}
