import type { Finding } from "../finding.ts";

/** What is to be said of a prompt file before it is pushed. */
export interface CheckedDocument {
  /** What keeps it from being a version; empty: nothing does. The rest is null where it cannot be read. */
  readonly problems: readonly string[];
  readonly findings: readonly Finding[];
  /** What it costs before any variable; null where it cannot be read. */
  readonly cost: DocumentCost | null;
  /** The version that the label serves, and what that costs; null: none. */
  readonly live: (DocumentCost & { readonly version: string }) | null;
}

export interface DocumentCost {
  readonly tokens: number;
  /** False: an estimate, for a model whose tokenizer is not public. */
  readonly tokensExact: boolean;
  /** US dollars for a thousand calls, of its own text alone; null where no price is known. */
  readonly perThousandCalls: number | null;
}
