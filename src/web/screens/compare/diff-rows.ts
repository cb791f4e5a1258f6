import type { DiffLine } from "../../../domain/prompt/version-diff.ts";
import { type DiffPart, wordDiff } from "../../../domain/text/word-diff.ts";

/** A row of a comparison: a line of each side, either of which may be missing, or lines that are the same and folded. */
export type DiffRow =
  | { readonly kind: "same"; readonly text: string }
  | {
      readonly kind: "changed";
      readonly before: readonly DiffPart[] | undefined;
      readonly after: readonly DiffPart[] | undefined;
      /** The first row of a change. */
      readonly begins: boolean;
    }
  | { readonly kind: "folded"; readonly lines: readonly string[] };

/** So many lines that are the same stay around a change. */
const CONTEXT = 2;
/** Fewer than these are not worth folding. */
const FEWEST_FOLDED = 3;

/** Lines as rows: what was removed beside what took its place, with the words marked that differ. */
export function rowsOf(lines: readonly DiffLine[]): DiffRow[] {
  const rows: DiffRow[] = [];
  let at = 0;
  while (at < lines.length) {
    const isSame = lines[at]?.kind === "same";
    let end = at;
    while (end < lines.length && (lines[end]?.kind === "same") === isSame) end++;
    const stretch = lines.slice(at, end);
    if (isSame) rows.push(...folded(stretch, at > 0, end < lines.length));
    else rows.push(...paired(stretch));
    at = end;
  }
  return rows;
}

function folded(lines: readonly DiffLine[], isAfterChange: boolean, isBeforeChange: boolean): DiffRow[] {
  const same = (some: readonly DiffLine[]) => some.map(({ text }): DiffRow => ({ kind: "same", text }));
  const head = isAfterChange ? CONTEXT : 0;
  const tail = isBeforeChange ? CONTEXT : 0;
  const middle = lines.slice(head, Math.max(head, lines.length - tail));
  if (middle.length < FEWEST_FOLDED) return same(lines);
  return [
    ...same(lines.slice(0, head)),
    { kind: "folded", lines: middle.map(({ text }) => text) },
    ...same(lines.slice(lines.length - tail)),
  ];
}

function paired(lines: readonly DiffLine[]): DiffRow[] {
  const removed = lines.filter(({ kind }) => kind === "removed").map(({ text }) => text);
  const added = lines.filter(({ kind }) => kind === "added").map(({ text }) => text);
  return Array.from({ length: Math.max(removed.length, added.length) }, (_, index): DiffRow => {
    const [before, after] = [removed[index], added[index]];
    const begins = index === 0;
    if (before === undefined || after === undefined)
      return { kind: "changed", before: whole(before, "removed"), after: whole(after, "added"), begins };
    const parts = wordDiff(before, after);
    return {
      kind: "changed",
      before: parts.filter(({ kind }) => kind !== "added"),
      after: parts.filter(({ kind }) => kind !== "removed"),
      begins,
    };
  });
}

function whole(text: string | undefined, kind: DiffPart["kind"]): DiffPart[] | undefined {
  return text === undefined ? undefined : [{ kind, text }];
}
