/** What is watched of a version in the open, outside any rollout. */

/** Which values of a metric count against a version. */
export type Counting =
  /** Those above a value: of a yes-or-no metric those that are not 0. */
  | { readonly values: "above"; readonly value: number }
  /** Those up to a value: ratings of 2 and less. */
  | { readonly values: "at_most"; readonly value: number }
  /** Those above the 95th percentile of the version's own reference. */
  | { readonly values: "above_usual" }
  /** Those above the reference's median by more than this part of it. */
  | { readonly values: "grown"; readonly by: number };

/** The share of values that count is watched, and rings where it has risen above what the reference had. */
export interface RateMonitor {
  readonly kind: "rate";
  readonly metric: string;
  readonly counting: Counting;
  /** So much more than in the reference is nothing yet, as a part of it. */
  readonly tolerate: number;
  /** What is too much whatever the reference had, as a share; from the first call on. */
  readonly limit?: number;
}

/** What a scope's calls may cost in a day of UTC. */
export interface CostMonitor {
  readonly kind: "cost";
  readonly per_day_usd: number;
  /** Parts of it of which somebody is told, rising. */
  readonly at: readonly number[];
  /** Once it is spent, calls are refused, or go to a cheaper fallback, until the day is over. */
  readonly stop?: true;
}

/** The live version is asked its golden set again by the clock, and its answers are compared with those it gave before. */
export interface RegateMonitor {
  readonly kind: "regate";
  readonly every_ms: number;
  /** Minutes after midnight UTC; of a shorter interval than a day, what is left of it. */
  readonly at_minutes: number;
  /** How far the pass rate may fall, 0 to 1. */
  readonly margin: number;
  /** What one run may cost at most, in US dollars. */
  readonly max_cost_usd: number;
  /** Its tests are not asked again when an alert opens. */
  readonly triage?: false;
  /** What is done by itself where the tests say that the version alone has got worse. */
  readonly action?: "rollback";
}

/** A scope that has calls has none any more, or hardly any, while others go on. */
export interface SilentMonitor {
  readonly kind: "silent";
  /** Whole hours that are looked at together. */
  readonly hours: number;
}

export type MonitorSpec = RateMonitor | CostMonitor | RegateMonitor | SilentMonitor;

/** So much more than was usual is nothing yet, where nothing else is said; a part of it. */
export const TOLERATE = 0.1;
const event = (metric: string, limit?: number): RateMonitor => ({
  kind: "rate",
  metric,
  counting: { values: "above", value: 0 },
  tolerate: TOLERATE,
  ...(limit !== undefined && { limit }),
});

/** What every live version is watched by unless somebody says otherwise: metrics that each recorded call has. */
export const USUAL_MONITORS: Readonly<Record<string, RateMonitor>> = {
  errors: event("error", 0.2),
  refusals: event("refusal"),
  format: event("format_failure"),
  truncated: event("truncated"),
  slow: { kind: "rate", metric: "latency_ms", counting: { values: "above_usual" }, tolerate: TOLERATE },
  costly: { kind: "rate", metric: "cost_usd", counting: { values: "above_usual" }, tolerate: TOLERATE },
  tokens: {
    kind: "rate",
    metric: "input_tokens",
    counting: { values: "grown", by: 0.1 },
    tolerate: TOLERATE,
  },
};

export const USUAL_NAMES = Object.keys(USUAL_MONITORS);

/** What a monitor watches: what was set, or the usual; undefined where it is switched off, or nothing is known of it. */
export function specOf(name: string, set: MonitorSpec | "off" | null): MonitorSpec | undefined {
  if (set === "off") return undefined;
  return set ?? USUAL_MONITORS[name];
}
