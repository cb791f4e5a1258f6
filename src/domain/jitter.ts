/**
 * A wait of half of `ms` to all of it, by a number of chance in [0, 1): so that those who failed together do not
 * come back together.
 */
export function jittered(ms: number, chance: number): number {
  return ms * (0.5 + chance / 2);
}
