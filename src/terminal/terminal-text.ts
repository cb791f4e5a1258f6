import { visible } from "../domain/text/visible.ts";

/** What `Paint` writes: bold, dim, underlined, inverse, and the colours. Nothing that hides, moves or erases. */
// oxlint-disable-next-line no-control-regex -- an escape sequence begins with one
const PAINT = /(\u001b\[(?:0|[12347]|2[2-57]|[349][0-7]|39|49|10[0-7])m)/;

/** A line as a terminal may get it: our own colours where there are any, everything else that would act written out. */
export function terminalLine(line: string, color: boolean): string {
  if (!color) return visible(line);
  // Every other part is what stands between two of them.
  return line
    .split(PAINT)
    .map((part, at) => (at % 2 === 1 ? part : visible(part)))
    .join("");
}
