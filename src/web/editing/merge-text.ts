import { diff3Merge } from "node-diff3";

/** A stretch of a merged text: lines that are settled, or lines that both have changed. */
export type MergedStretch =
  | { readonly kind: "settled"; readonly lines: readonly string[] }
  | { readonly kind: "both"; readonly mine: readonly string[]; readonly theirs: readonly string[] };

/** Two changes of one text, line by line: what only one has changed is taken. */
export function mergeText(base: string, mine: string, theirs: string): MergedStretch[] {
  const regions = diff3Merge(mine.split("\n"), base.split("\n"), theirs.split("\n"), {
    excludeFalseConflicts: true,
  });
  return regions.map((region): MergedStretch =>
    region.conflict
      ? { kind: "both", mine: region.conflict.a, theirs: region.conflict.b }
      : { kind: "settled", lines: region.ok ?? [] },
  );
}

/** What is taken where both have changed something. */
export type Choice = "mine" | "theirs" | "both";

/** The text, with a choice for each stretch that both have changed, in their order. */
export function chosenText(stretches: readonly MergedStretch[], choices: readonly Choice[]): string {
  let next = 0;
  return stretches
    .flatMap((stretch) => {
      if (stretch.kind === "settled") return stretch.lines;
      const choice = choices[next++] ?? "mine";
      if (choice === "both") return [...stretch.mine, ...stretch.theirs];
      return stretch[choice];
    })
    .join("\n");
}
