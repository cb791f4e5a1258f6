/** Adjusted p-values, in the order given. A p that is not a number counts as 1: it proves nothing. */

/** Bonferroni: `min(1, m p)`. Any dependence; controls the chance of one false finding. */
export function bonferroni(p: readonly number[]): number[] {
  return sound(p).map((value) => Math.min(1, value * p.length));
}

/** Holm's step-down (1979): never worse than Bonferroni, at the same promise. */
export function holm(p: readonly number[]): number[] {
  const values = sound(p);
  const result = Array.from(values);
  let largest = 0;
  ascending(values).forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, values[index]! * (values.length - rank)));
    result[index] = largest;
  });
  return result;
}

/** Benjamini–Hochberg's step-up (1995): the expected share of false findings among all findings. */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const values = sound(p);
  const result = Array.from(values);
  const order = ascending(values);
  let smallest = 1;
  for (let rank = order.length - 1; rank >= 0; rank--) {
    const index = order[rank]!;
    smallest = Math.min(smallest, (values[index]! * values.length) / (rank + 1));
    result[index] = smallest;
  }
  return result;
}

function sound(p: readonly number[]): readonly number[] {
  return p.map((value) => (value >= 0 && value <= 1 ? value : 1));
}

function ascending(p: readonly number[]): readonly number[] {
  return p.map((_, index) => index).sort((a, b) => p[a]! - p[b]!);
}
