/** What somebody may spend of today in the playground, in US dollars. */
export interface DailyBudget {
  readonly capUsd: number;
  readonly spentUsd: number;
  /** The most that calls under way can still cost. */
  readonly reservedUsd: number;
  /** When it begins anew. */
  readonly resetsAt: string;
}

/** A test case of a prompt's golden set, as values to try it with. */
export interface ValuesOfCase {
  /** Its place in the set, from 0. */
  readonly index: number;
  readonly description: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** How an answer has ended, beside the text that was told as it came. */
export interface TriedAnswer {
  readonly model: string;
  readonly finishReason: string;
  /** The provider itself marks it as a refusal. */
  readonly refused: boolean;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  /** Null where the provider has not said. */
  readonly tokens: { readonly input: number; readonly output: number } | null;
  readonly costUsd: number | null;
  /** Until the first piece of text, in ms; null where none came. */
  readonly firstTextMs: number | null;
  /** Until its end, in ms. */
  readonly latencyMs: number;
}

export const PLAYGROUND_ACTS = ["run"] as const;
export type PlaygroundAct = (typeof PLAYGROUND_ACTS)[number];
