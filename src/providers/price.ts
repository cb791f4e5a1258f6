/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Of input read from the vendor's cache, and written to it; like other input where they are not given. */
  readonly cached_input?: number | undefined;
  readonly cache_write?: number | undefined;
}

/** By `provider/model`, or `provider/*` for all its other models; a dated snapshot (`-2025-08-07`, `-20250929`, `-latest`) has the price of its model. */
export type PriceTable = Readonly<Record<string, Price>>;
