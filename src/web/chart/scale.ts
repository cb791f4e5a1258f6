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
