/** `83.3 %` of 0.8333, in so many significant digits. */
export function percent(fraction: number, digits = 3): string {
  return `${Number((fraction * 100).toPrecision(digits))} %`;
}
