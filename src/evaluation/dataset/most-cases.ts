import { invalidInput } from "../../domain/errors.ts";

/** Test cases of one dataset: each is asked of a model at least once, and all are held in memory together. */
export const MAX_CASES = 50_000;

export function tooManyCases(name: string): Error {
  return invalidInput(
    `${name}: the dataset has more than ${MAX_CASES.toLocaleString("en-US")} cases; take a sample of them, a few hundred prove as much`,
    { file: name },
  );
}
