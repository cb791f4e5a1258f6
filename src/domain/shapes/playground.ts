import type { TestsReading } from "../rollout/reading.ts";

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

/** Test cases of a sample, which are asked once. */
export const SAMPLE_CASES = 10;

/** One answer to a test case, with what was checked. */
export interface TestedAnswer {
  readonly arm: "candidate" | "baseline" | `fallback-${number}`;
  readonly repeat: number;
  readonly pass: boolean;
  readonly score: number;
  /** Why there is none. */
  readonly error: string | null;
  readonly output: string;
  readonly outputSha256?: string;
  readonly cutOff?: true;
  readonly reused?: boolean;
  readonly latencyMs: number;
  readonly costUsd: number | null;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly assertions: readonly {
    readonly type: string;
    readonly pass: boolean;
    readonly score: number;
    readonly reason: string;
    readonly metric?: string;
  }[];
}

/** What a text that is being written made of the prompt's test cases, beside what is live. */
export interface TestedText {
  /** `support-reply@7`; null: nothing is served. */
  readonly baseline: string | null;
  readonly tests: TestsReading;
  readonly costUsd: number | null;
  /** Those that got worse most first. */
  readonly cases: readonly {
    readonly caseIndex: number;
    readonly description: string | null;
    readonly vars: Readonly<Record<string, unknown>>;
    /** By how much less often it passes, −1 to 1; null where one of them has no result. */
    readonly loss: number | null;
    readonly candidate: readonly TestedAnswer[];
    readonly baseline: readonly TestedAnswer[];
  }[];
  readonly warnings: readonly string[];
}
