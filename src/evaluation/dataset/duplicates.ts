import type { TestCase } from "./dataset.ts";

/** Cases that ask the same with the same checks are told: each counts, and they prove no more than one. */
export function duplicates(cases: readonly TestCase[]): string[] {
  return firstEqual(cases).flatMap((first, index) =>
    first === index
      ? []
      : [
          `${cases[index]!.where}: the case is the same as the one at ${cases[first]!.where}; together they prove as much as one`,
        ],
  );
}

/**
 * For each case the index of the first that is the same in all but its description: its own where it is the first. Turns
 * of a conversation, and cases that build on earlier ones, are never the same.
 */
export function firstEqual(cases: readonly TestCase[]): number[] {
  const first = new Map<string, number>();
  return cases.map((one, index) => {
    if (one.conversation !== undefined || one.inSequence || one.keepAs !== undefined) return index;
    const { where: _, description: __, assert, ...rest } = one;
    const key = JSON.stringify([rest, assert.map(({ where: ___, ...assertion }) => assertion)]);
    const found = first.get(key);
    if (found === undefined) first.set(key, index);
    return found ?? index;
  });
}
