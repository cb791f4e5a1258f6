export interface HistogramSummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Four buckets an octave from 2^-12 on: what is read off them is at most a fifth too high. */
const PER_OCTAVE = 4;
const LOWEST = -12 * PER_OCTAVE;
const BUCKETS = 36 * PER_OCTAVE;

/** Where numbers lie, in constant space. */
export class Histogram {
  readonly #buckets = new Uint32Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
    const bucket = value > 0 ? Math.floor(Math.log2(value) * PER_OCTAVE) - LOWEST : 0;
    this.#buckets[Math.min(BUCKETS - 1, Math.max(0, bucket))]!++;
  }

  summary(): HistogramSummary {
    const mean = this.#count === 0 ? 0 : this.#sum / this.#count;
    return { count: this.#count, mean, p50: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#max };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (let i = 0; i < BUCKETS && left > 0; i++) {
      left -= this.#buckets[i]!;
      if (left <= 0) return Math.min(this.#max, 2 ** ((i + 1 + LOWEST) / PER_OCTAVE));
    }
    return 0;
  }
}
