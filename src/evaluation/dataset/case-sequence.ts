import type { TestCase } from "./dataset.ts";

/** The variable in which a prompt gets the turns before it. */
export const CONVERSATION = "_conversation";

/** The names under which cases keep their answers for later ones. */
export function keptNames(cases: readonly TestCase[]): Set<string> {
  return new Set(cases.flatMap(({ keepAs }) => (keepAs === undefined ? [] : [keepAs])));
}
