import type { RATE_CLASSES, RateLimits } from "../../domain/access/rate-limits.ts";

/** What a request costs; `free`: nothing that would be counted. */
export type RateClass = (typeof RATE_CLASSES)[number] | "free";

/** So many requests a second in the long run, and so many at once. */
interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

const USUAL: Readonly<Record<RateClass, Rate>> = {
  read: { perSecond: 100, burst: 200 },
  write: { perSecond: 5, burst: 20 },
  heavy: { perSecond: 0.1, burst: 6 },
  serve: { perSecond: 20_000, burst: 20_000 },
  intake: { perSecond: 1_000, burst: 2_000 },
  free: { perSecond: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY },
};

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets that have been full for so long are forgotten, in ms. */
const FORGET_MS = 120_000;
const MOST_BUCKETS = 100_000;

/** Token buckets by name: one takes a token, or is told how many seconds to wait. One process knows its own alone. */
export class Limits {
  /** Apart by kind: a name that is put together for a look-up costs more than the look-up. */
  readonly #kinds: ReadonlyMap<RateClass, Buckets>;
  readonly #others = new Buckets();
  readonly #rates: Readonly<Record<RateClass, Rate>>;
  readonly #now: () => number;

  constructor(limits: RateLimits = {}, now: () => number = () => performance.now()) {
    this.#rates = { ...USUAL, ...ratesOf(limits) };
    this.#kinds = new Map((Object.keys(USUAL) as RateClass[]).map((kind) => [kind, new Buckets()]));
    this.#now = now;
  }

  /** Undefined: go on. Otherwise seconds until it makes sense to try again. */
  take(name: string, kind: RateClass): number | undefined {
    return this.#kinds.get(kind)!.take(name, this.#rates[kind], this.#now);
  }

  takeOf(name: string, rate: Rate): number | undefined {
    return this.#others.take(name, rate, this.#now);
  }
}

class Buckets {
  readonly #buckets = new Map<string, Bucket>();

  take(name: string, { perSecond, burst }: Rate, clock: () => number): number | undefined {
    if (perSecond === Number.POSITIVE_INFINITY) return undefined;
    const now = clock();
    const bucket = this.#buckets.get(name) ?? this.#add(name, burst, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond;
    bucket.tokens--;
    return undefined;
  }

  #add(name: string, burst: number, now: number): Bucket {
    if (this.#buckets.size >= MOST_BUCKETS)
      for (const [known, { at }] of this.#buckets) if (now - at > FORGET_MS) this.#buckets.delete(known);
    // Somebody makes up names faster than they are forgotten: the oldest go.
    if (this.#buckets.size >= MOST_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!);
    const bucket = { tokens: burst, at: now };
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

/** As many at once, for the long run's number, as usual. */
function ratesOf(limits: RateLimits): Partial<Record<RateClass, Rate>> {
  return Object.fromEntries(
    Object.entries(limits).map(([kind, perSecond]) => {
      const usual = USUAL[kind as RateClass];
      return [kind, { perSecond, burst: Math.max(1, (perSecond * usual.burst) / usual.perSecond) }];
    }),
  );
}
