import { visible } from "../../domain/text/visible.ts";
import type { DiffLine, PartChange } from "../../domain/prompt/version-diff.ts";
import type { Output } from "../../terminal/output.ts";
import { wrap } from "../../terminal/text-layout.ts";

const CONTEXT = 2;

/**
 * Each part that differs: its name, then its lines with - and +, and a little of what is around. On a terminal
 * long lines go on below; piped they stay whole.
 */
export function unifiedLines(
  changes: readonly PartChange[],
  { paint, live, width }: Pick<Output, "paint" | "live" | "width">,
): string[] {
  const marked = (mark: string, text: string) => {
    const [first = "", ...more] = live && text.length + 2 > width ? wrap(text, width - 2) : [text];
    return [`${mark} ${first}`, ...more.map((line) => `  ${line}`)];
  };
  return changes.flatMap(({ part, kind, lines }) => [
    paint.bold(`${part} ${kind}`),
    ...near(lines).flatMap((line) => {
      if (line === "gap") return paint.dim("  ⋮");
      if (line.kind === "removed") return marked("-", line.text).map(paint.red);
      if (line.kind === "added") return marked("+", line.text).map(paint.green);
      return marked(" ", line.text).map(paint.dim);
    }),
  ]);
}

/** The old text at the left, the new one at the right; long lines go on below. */
export function sideBySideLines(
  changes: readonly PartChange[],
  { paint, width }: Pick<Output, "paint" | "width">,
): string[] {
  const half = Math.max(10, Math.floor((width - 3) / 2));
  return changes.flatMap(({ part, kind, lines }) => [
    paint.bold(`${part} ${kind}`),
    ...pairs(near(lines)).flatMap(([left, right]) => {
      const [a, b] = [fold(left?.text ?? "", half), fold(right?.text ?? "", half)];
      return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => {
        const [l, r] = [(a[at] ?? "").padEnd(half), b[at] ?? ""];
        const differs = left?.kind !== "same";
        return `${differs && left ? paint.red(l) : paint.dim(l)} ${differs ? "|" : " "} ${differs && right ? paint.green(r) : paint.dim(r)}`.trimEnd();
      });
    }),
  ]);
}

function near(lines: readonly DiffLine[]): (DiffLine | "gap")[] {
  const changed = lines.map(({ kind }) => kind !== "same");
  const shown = lines.map((_, at) =>
    changed.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).includes(true),
  );
  return lines.flatMap((line, at): (DiffLine | "gap")[] =>
    shown[at] ? [{ ...line, text: visible(line.text) }] : at === 0 || shown[at - 1] ? ["gap"] : [],
  );
}

type Pair = readonly [DiffLine | undefined, DiffLine | undefined];

function pairs(lines: readonly (DiffLine | "gap")[]): Pair[] {
  const result: Pair[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) result.push([removed[at], added[at]]);
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line === "gap") {
      flush();
      const gap: DiffLine = { kind: "same", text: "⋮" };
      result.push([gap, gap]);
    } else if (line.kind === "removed") removed.push(line);
    else if (line.kind === "added") added.push(line);
    else {
      flush();
      result.push([line, line]);
    }
  }
  flush();
  return result;
}

function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width));
  return lines.length === 0 ? [""] : lines;
}
