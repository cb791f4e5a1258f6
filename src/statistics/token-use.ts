import type { TokenUse } from "../domain/plain/say-tokens.ts";
import type { MetricUsage } from "../domain/shapes/usage.ts";

/** What a version's outcomes have carried. */
export interface CountedUse {
  readonly version: number;
  readonly executions: number;
  readonly metrics: readonly Pick<MetricUsage, "metric" | "n" | "mean" | "sd">[];
}

/** Fewer calls say too little of either. */
const FEWEST_CALLS = 200;
/** More than that is worth a word. */
const GROWTH = 0.1;
/** Of a two-sided interval of 95 %: so many calls are never few enough for anything else than a normal distribution. */
const NORMAL_95 = 1.96;
const RATING = /^(?:.*_)?(?:ratings?|stars|csat|nps)$/i;
const COST = /^cost(?:_usd)?$/i;

/** Whether two versions were used enough to be compared by what they cost, and how they compare; undefined: not. */
export function tokenUseOf(now: CountedUse, before: CountedUse): TokenUse | undefined {
  if (now.executions < FEWEST_CALLS || before.executions < FEWEST_CALLS) return undefined;
  const tokens = { now: tokensOf(now), before: tokensOf(before) };
  if (tokens.now === undefined || tokens.before === undefined || tokens.before <= 0) return undefined;
  const [cost, costBefore] = [metricOf(now, COST), metricOf(before, COST)];
  return {
    before: `@${before.version}`,
    tokens: { now: tokens.now, before: tokens.before },
    moreCost: cost && costBefore ? (cost.mean - costBefore.mean) * 1_000 : null,
    better: ratedBetter(now, before),
  };
}

/** A version that uses more than a tenth more tokens, and is not shown to be rated better for it. */
export function isTokenAlert({ tokens, better }: TokenUse): boolean {
  return tokens.now > tokens.before * (1 + GROWTH) && better === null;
}

/** By how much ratings are better, where the whole 95 % interval of the difference is above nothing; null: not shown. */
function ratedBetter(now: CountedUse, before: CountedUse): number | null {
  const [one, other] = [metricOf(now, RATING), metricOf(before, RATING)];
  if (!one || !other || one.sd === null || other.sd === null) return null;
  const diff = one.mean - other.mean;
  const se = Math.sqrt(one.sd ** 2 / one.n + other.sd ** 2 / other.n);
  return diff - NORMAL_95 * se > 0 ? diff : null;
}

function tokensOf(use: CountedUse): number | undefined {
  const all = metricOf(use, /^(?:total_)?tokens$/i);
  if (all) return all.mean;
  const [sent, received] = [
    metricOf(use, /^(?:input|prompt)_tokens$/i),
    metricOf(use, /^(?:output|completion)_tokens$/i),
  ];
  return sent && received ? sent.mean + received.mean : undefined;
}

function metricOf({ metrics }: CountedUse, pattern: RegExp) {
  return metrics.find(({ metric, n }) => n > 0 && pattern.test(metric));
}
