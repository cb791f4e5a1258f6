import { invalidInput } from "../domain/errors.ts";

const MOST_CALLS = 1000;

/** How many calls to a vendor may be in flight at once, as a variable of this name says; undefined where it says nothing. */
export function readConcurrency(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const calls = Number(text);
  if (Number.isInteger(calls) && calls >= 1 && calls <= MOST_CALLS) return calls;
  throw invalidInput(`${name} must be a number of calls from 1 to ${MOST_CALLS}, not "${text}"`, { name });
}
