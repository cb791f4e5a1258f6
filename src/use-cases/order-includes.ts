import { invalidInput } from "../domain/errors.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";

interface Pushed {
  readonly path: string;
  readonly file: PromptFile;
}

/**
 * Files in the order in which they can be pushed together: by name, what is included before what includes it.
 * Files that include each other in a circle are `invalid_input`, naming it.
 */
export function orderIncludes<T extends Pushed>(files: readonly T[]): T[] {
  const byName = new Map(files.map((one) => [one.file.name, one]));
  const done = new Set<T>();
  const visit = (one: T, path: readonly string[]): void => {
    if (done.has(one)) return;
    const way = [...path, one.file.name];
    for (const { prompt, where } of one.file.includes ?? []) {
      if (way.includes(prompt))
        throw invalidInput(`${where}: includes itself: ${[...way, prompt].join(" -> ")}`, {
          path: [...way, prompt],
        });
      const needed = byName.get(prompt);
      if (needed) visit(needed, way);
    }
    done.add(one);
  };
  for (const one of files.toSorted((a, b) => (a.file.name < b.file.name ? -1 : 1))) visit(one, []);
  return [...done];
}
