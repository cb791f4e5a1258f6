/** Between two numbers: where something that holds on one side only ends, to the last digit. */
interface Between {
  readonly from: number;
  readonly to: number;
}

/** The largest number of which it holds; null where it holds of none. It must hold up to there and not after. */
export function largest(holds: (value: number) => boolean, { from, to }: Between): number | null {
  if (!holds(from)) return null;
  if (holds(to)) return to;
  return halve(holds, from, to)[0];
}

/** The smallest number of which it holds; null where it holds of none. It must hold from there on and not before. */
export function smallest(holds: (value: number) => boolean, { from, to }: Between): number | null {
  if (holds(from)) return from;
  if (!holds(to)) return null;
  return halve((value) => !holds(value), from, to)[1];
}

function halve(low: (value: number) => boolean, from: number, to: number): readonly [number, number] {
  let [below, above] = [from, to];
  for (;;) {
    // Far from 1 by factors, so that small ratios are found as fast as large ones.
    const middle = below > 0 && above > 4 * below ? Math.sqrt(below * above) : (below + above) / 2;
    if (middle <= below || middle >= above) return [below, above];
    if (low(middle)) below = middle;
    else above = middle;
  }
}
