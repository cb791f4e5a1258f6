import type { TestCase } from "./dataset.ts";

/** Cases that ask the same with the same checks: they count twice without proving more. */
export function duplicates(cases: readonly TestCase[]): string[] {
  const first = new Map<string, string>();
  const warnings: string[] = [];
  for (const one of cases) {
    const key = JSON.stringify([one.vars, one.assert.map(({ where: _, ...rest }) => rest)]);
    const seen = first.get(key);
    if (seen === undefined) first.set(key, one.where);
    else warnings.push(`${one.where}: the case is the same as the one at ${seen}`);
  }
  return warnings;
}
