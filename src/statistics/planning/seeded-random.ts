/** Uniform on [0, 1). */
export type Random = () => number;

/** A reproducible stream of chance: sfc32 (Doty-Humphrey, PractRand), seeded by a whole number. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 ^ (seed | 0);
  let b = 0x243f6a88 ^ Math.floor(seed / 0x1_0000_0000);
  let c = 0xb7e15162;
  let counter = 1;
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return () => next() / 0x1_0000_0000;
}

/** Draws from one stream. Keeps tables of the binomials it has met, so that a draw is a short search. */
export interface Sampler {
  /** Standard normal. */
  normal(): number;
  /** Successes among n units at rate p. */
  binomial(n: number, p: number): number;
}

export function sampler(random: Random): Sampler {
  let spare: number | undefined;
  const tables = new Map<number, Map<number, Float64Array>>();
  return {
    normal() {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      // Marsaglia's polar method.
      for (;;) {
        const u = 2 * random() - 1;
        const v = 2 * random() - 1;
        const s = u * u + v * v;
        if (s >= 1 || s === 0) continue;
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * scale;
        return u * scale;
      }
    },
    binomial(n, p) {
      if (p <= 0 || n <= 0) return 0;
      if (p >= 1) return n;
      if (n > 2000) {
        const half = Math.floor(n / 2);
        return this.binomial(half, p) + this.binomial(n - half, p);
      }
      let ofRate = tables.get(p);
      if (!ofRate) tables.set(p, (ofRate = new Map()));
      let table = ofRate.get(n);
      if (!table) ofRate.set(n, (table = cumulativeBinomial(n, p)));
      const u = random();
      let low = 0;
      let high = n;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (table[middle]! > u) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

function cumulativeBinomial(n: number, p: number): Float64Array {
  const table = new Float64Array(n + 1);
  const mode = Math.floor((n + 1) * p);
  const odds = p / (1 - p);
  // From the mode outwards, then scaled: no term underflows that matters.
  table[Math.min(n, mode)] = 1;
  for (let k = Math.min(n, mode); k > 0; k--) table[k - 1] = (table[k]! * k) / ((n - k + 1) * odds);
  for (let k = Math.min(n, mode); k < n; k++) table[k + 1] = (table[k]! * (n - k) * odds) / (k + 1);
  let sum = 0;
  for (let k = 0; k <= n; k++) table[k] = sum += table[k]!;
  for (let k = 0; k <= n; k++) table[k]! /= sum;
  return table;
}
