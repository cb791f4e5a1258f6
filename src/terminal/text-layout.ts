import { visible } from "../domain/text/visible.ts";

/**
 * Breaks text at spaces so that no line is longer than `width`; a longer word stays whole. The text is foreign,
 * most often: what would act on a terminal is written out. So colours come after.
 */
export function wrap(text: string, width: number, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of visibleWords(text)) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(indent + line);
  return lines;
}

function visibleWords(text: string): string[] {
  return visible(text.replace(/\s+/g, " ")).split(" ").filter(Boolean);
}

/** Each sentence broken by itself. */
export function wrapAll(width: number, sentences: readonly string[]): string[] {
  return sentences.flatMap((sentence) => wrap(sentence, width));
}

/** A last column narrower than this is not broken into lines. */
const LEAST_WRAPPED = 16;

export interface Column {
  readonly head: string;
  readonly align?: "right";
}

/**
 * Rows under their heads, as wide as they need. Where that is more than `width`, the last column is broken
 * into lines; where that is not enough, each row becomes a block of `head  value` lines. Nothing is cut.
 */
export function columns(
  heads: readonly Column[],
  given: readonly (readonly string[])[],
  width: number,
): string[] {
  // One cell is one piece of text, whatever it would like to be.
  const rows = given.map((row) => row.map(visible));
  const widths = heads.map(({ head }, at) =>
    Math.max(head.length, ...rows.map((row) => (row[at] ?? "").length)),
  );
  const total = widths.reduce((sum, one) => sum + one, 0) + 2 * (widths.length - 1);
  const last = widths.length - 1;
  const left = width - (total - widths[last]!);
  if (total > width && (left < LEAST_WRAPPED || heads[last]!.align === "right"))
    return blocks(heads, rows, width);
  const show = (cells: readonly string[]) =>
    heads
      .map(({ align }, at) => {
        const cell = cells[at] ?? "";
        return align === "right" ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!);
      })
      .join("  ")
      .trimEnd();
  const indent = " ".repeat(Math.max(0, width - left));
  return [
    show(heads.map(({ head }) => head)),
    ...rows.flatMap((row) => {
      const [first = "", ...more] = total > width ? wrap(row[last] ?? "", left) : [row[last] ?? ""];
      return [show([...row.slice(0, last), first]), ...more.map((line) => indent + line)];
    }),
  ];
}

function blocks(heads: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const label = Math.max(...heads.map(({ head }) => head.length));
  return rows.flatMap((row, index) => [
    ...(index > 0 ? [""] : []),
    ...heads.flatMap(({ head }, at) => {
      const value = row[at] ?? "";
      if (value === "") return [];
      const [first, ...rest] = wrap(value, Math.max(10, width - label - 2));
      return [`${head.padEnd(label)}  ${first}`, ...rest.map((line) => `${" ".repeat(label + 2)}${line}`)];
    }),
  ]);
}

/** A number with four significant digits and no exponent; `-` for none. */
export function figure(value: number | null): string {
  if (value === null) return "-";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(Math.abs(value) >= 1 ? 4 : 3)));
}

/** The same with its sign: `+0.32`. */
export function signed(value: number | null): string {
  return value !== null && value > 0 ? `+${figure(value)}` : figure(value);
}

/** `14:03:12` of today, else `2026-11-20 14:03`, in local time. */
export function clock(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === now.toDateString() ? `${time}:${two(at.getSeconds())}` : `${day} ${time}`;
}

/** `45 s`, `3 min`, `5 h 10 min`, `2 d 4 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
