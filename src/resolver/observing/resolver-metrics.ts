import { Histogram, type HistogramSummary } from "./histogram.ts";
import type { WarningCode } from "./warning.ts";
import type { ResolutionSource } from "../serving/reason.ts";
import type { Serving } from "../serving/serving.ts";
import type { RecordReceipt } from "../sources/source.ts";

/** What a resolver has done since it was made. Times are in ms. */
export interface ResolverMetrics {
  /** Resolutions by where they came from. */
  readonly served: Readonly<Record<ResolutionSource, number>>;
  /** Resolutions answered from memory, whatever its age. */
  readonly hits: number;
  /** Resolutions that needed the store. */
  readonly misses: number;
  /** How long resolving took, in ms: one in 1,024 of those from memory, and each of those that were not there. */
  readonly latency: { readonly memory: HistogramSummary; readonly cold: HistogramSummary };
  /** `plans`: requests whose route is remembered. */
  readonly cache: { readonly plans: number; readonly versions: number; readonly loading: number };
  /** How long ago everything in memory was last known to be as the store has it. */
  readonly ageMs: number;
  readonly unreachable: boolean;
  readonly stale: boolean;
  readonly recorded: {
    readonly exposures: number;
    readonly outcomes: number;
    readonly joined: number;
    readonly late: number;
    /** Metric values that the store did not take: more than 1e12, or of no kind that it knows. */
    readonly refusedValues: number;
    readonly waiting: number;
    readonly refused: number;
    readonly failedSends: number;
    readonly dropped: Readonly<Record<"exposure" | "outcome", number>>;
  };
  /** Warnings of this library by code. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Warnings given while rendering, by `prompt@version`. */
  readonly renderWarnings: Readonly<Record<string, number>>;
}

/** Counts as things happen. */
export class Tally {
  /** Without those that fresh memory answered, the commonest case: counted once, where it happens. */
  readonly served: Record<ResolutionSource, number> = {
    memory: 0,
    store: 0,
    stale: 0,
    snapshot: 0,
    fallback: 0,
  };
  hits = 0;
  /** Hits that were not from fresh memory. */
  hitsElsewhere = 0;
  misses = 0;
  failedSends = 0;
  refusedOutcomes = 0;
  readonly dropped = { exposure: 0, outcome: 0 };
  readonly memory = new Histogram();
  readonly cold = new Histogram();
  readonly #received = { exposures: 0, outcomes: 0, joined: 0, late: 0, refusedValues: 0 };
  readonly #renderWarnings = new Map<string, number>();

  addReceipt({ exposures, outcomes, joined, late, refusedValues }: RecordReceipt): void {
    this.#received.exposures += exposures;
    this.#received.outcomes += outcomes;
    this.#received.joined += joined;
    this.#received.late += late;
    this.#received.refusedValues += refusedValues;
  }

  countRenderWarnings({ prompt, version }: Serving, warnings: readonly string[]): void {
    const name = version.number === null ? "fallback" : `${prompt}@${version.number}`;
    // Names come from the store, so they are few; a bound all the same.
    if (this.#renderWarnings.has(name) || this.#renderWarnings.size < 1_000)
      this.#renderWarnings.set(name, (this.#renderWarnings.get(name) ?? 0) + warnings.length);
  }

  report(now: {
    readonly cache: ResolverMetrics["cache"];
    readonly waiting: number;
    readonly unreachable: boolean;
    readonly stale: boolean;
    readonly ageMs: number;
    readonly warnings: ReadonlyMap<WarningCode, number>;
  }): ResolverMetrics {
    const { served } = this;
    return {
      served: { ...served, memory: served.memory + this.hits - this.hitsElsewhere },
      hits: this.hits,
      misses: this.misses,
      latency: { memory: this.memory.summary(), cold: this.cold.summary() },
      cache: now.cache,
      ageMs: now.ageMs,
      unreachable: now.unreachable,
      stale: now.stale,
      recorded: {
        ...this.#received,
        waiting: now.waiting,
        refused: this.refusedOutcomes,
        failedSends: this.failedSends,
        dropped: { ...this.dropped },
      },
      warnings: Object.fromEntries(now.warnings),
      renderWarnings: Object.fromEntries(this.#renderWarnings),
    };
  }
}
