/** Tokens as the provider counted them (cached input included), not an estimate. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}
