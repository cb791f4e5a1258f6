import { digestJson } from "../digest.ts";
import { promptDocuments, type PromptFile } from "../domain/prompt/prompt-file.ts";

/** Whether a prompt of a file would be rolled out as another one would: what is written around it does not count. */
export function isSameEntry(one: PromptFile, other: PromptFile): boolean {
  const said = ({ artifact, includes = [], policy }: PromptFile) =>
    digestJson([
      artifact,
      includes.map(({ where: _, number = null, semver = null, label = null, ...include }) => [
        include,
        number,
        semver,
        label,
      ]),
      policy ?? null,
    ]);
  return said(one) === said(other);
}

/** The first of the lines that differ within a prompt of a file of several; where it begins when none is. */
export function firstLineOfEntry(
  text: string,
  path: string,
  prompt: string,
  changed: readonly number[],
): number {
  const starts = promptDocuments(text, path).map((document) => ({
    name: (document.value as { readonly name?: unknown }).name,
    line: Number(/:(\d+):\d+$/.exec(document.locate([]))?.[1] ?? 1),
  }));
  const at = starts.findIndex(({ name }) => name === prompt);
  const [first, end] = [starts[at]?.line ?? 1, starts[at + 1]?.line ?? Infinity];
  return changed.find((line) => line >= first && line < end) ?? first;
}
