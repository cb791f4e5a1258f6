/** From values to places on the page. */
export interface Scale {
  readonly of: (value: number) => number;
  readonly from: number;
  readonly to: number;
}

/** `from` and `to` of the values fall on `start` and `end`; a range of one value is made a little wider. */
export function scaleOf(from: number, to: number, start: number, end: number): Scale {
  const [low, high] = from === to ? [from - 1, to + 1] : [from, to];
  return { from: low, to: high, of: (value) => start + ((value - low) / (high - low)) * (end - start) };
}

const STEPS = [1, 2, 5, 10];

/** About so many round values between two, the ends as they come. */
export function ticksOf(from: number, to: number, about: number): number[] {
  const span = to - from;
  if (!(span > 0)) return [from];
  const size = 10 ** Math.floor(Math.log10(span / about));
  const step = size * (STEPS.find((one) => span / (one * size) <= about) ?? 10);
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  // Counted in whole steps, so that no sum of parts goes astray.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Powers of ten of which an axis of factors has ticks. */
const DECADES = 9;

/** Round factors (0.5, 1, 2, 5, 10 …) between two logarithms of base 10, as logarithms; of many the powers of ten alone. */
export function factorTicksOf(from: number, to: number, most: number): number[] {
  const within = (steps: readonly number[]) =>
    Array.from({ length: 2 * DECADES + 1 }, (_, at) => at - DECADES)
      .flatMap((power) => steps.map((step) => power + Math.log10(step)))
      .filter((value) => value >= from && value <= to);
  const fine = within([1, 2, 5]);
  return fine.length <= most ? fine : within([1]);
}
