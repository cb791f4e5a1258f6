/** Before a second look, or try, at what comes to its end without telling, in ms. */
export const FIRST_WAIT_MS = 500;

/** The wait after one of `waitMs`: twice as long, 15 s at most. */
export function longerWait(waitMs: number): number {
  return Math.min(2 * waitMs, 15_000);
}
