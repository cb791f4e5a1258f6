import type { Completion } from "../providers/completion.ts";
import type { Usage } from "../providers/usage.ts";
import { estimateTokens } from "../resolver/serving/token-counter.ts";
import type { Attempt, Invocation, InvocationUsage } from "./invocation.ts";
import type { InvokeFailureKind } from "./failure.ts";

/** What a call of a model is about to take, by its texts: for vendors that do not say, and streams that break off. */
export interface Estimate {
  readonly inputTokens: number;
  readonly costOf: (usage: Usage) => number | null;
}

type Counts = { -readonly [Name in keyof InvocationUsage]: number };

/** What an invocation has taken and come to so far. */
export class CallAccount {
  readonly #began = performance.now();
  #endedMs: number | undefined;
  readonly attempts: Attempt[] = [];
  readonly warnings: string[] = [];
  retries = 0;
  toolRounds = 0;
  ttftMs: number | null = null;
  /** Undefined where the version asks for no form. */
  formatFailure: boolean | undefined;
  repaired: Invocation["repaired"] = "no";
  /** Undefined where nothing is cached. */
  cached: Invocation["cached"] | undefined;
  /** A budget of the day is spent: the version's own model was not asked. */
  isStopped = false;
  /** Of attempts whose tokens are known or estimated. */
  answered = 0;
  isEstimated = false;
  costUsd: number | null = 0;
  readonly #counts: Counts = {
    inputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
  };

  get usage(): InvocationUsage {
    return { ...this.#counts };
  }

  /** Since its beginning, in milliseconds; after {@link end} until that. */
  get elapsedMs(): number {
    return this.#endedMs ?? performance.now() - this.#began;
  }

  end(): void {
    this.#endedMs = this.elapsedMs;
  }

  addAnswer(
    target: string,
    { text, usage, costUsd }: Pick<Completion, "text" | "usage" | "costUsd">,
    ms: number,
    estimate: Estimate,
  ): void {
    const cost = usage.isUnknown ? this.#addEstimate(text, estimate) : this.#add(usage, costUsd);
    this.attempts.push({ target, result: "ok", ms, costUsd: cost });
  }

  /** `written` is what had come of the answer: the vendor charges for it, and never says how much it was. */
  addFailure(
    target: string,
    result: InvokeFailureKind,
    ms: number,
    { written, estimate }: { readonly written: string; readonly estimate: Estimate },
  ): void {
    const cost = written === "" ? 0 : this.#addEstimate(written, estimate);
    this.attempts.push({ target, result, ms, costUsd: cost });
  }

  #addEstimate(written: string, { inputTokens, costOf }: Estimate): number | null {
    this.isEstimated = true;
    const usage = { inputTokens, outputTokens: estimateTokens(written) };
    return this.#add(usage, costOf(usage));
  }

  #add(usage: Usage, costUsd: number | null): number | null {
    this.answered++;
    for (const name of Object.keys(this.#counts) as (keyof Counts)[]) this.#counts[name] += usage[name] ?? 0;
    this.costUsd = this.costUsd === null || costUsd === null ? null : this.costUsd + costUsd;
    return costUsd;
  }
}
