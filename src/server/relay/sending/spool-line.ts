import { crc32 } from "node:zlib";

const LINE_END = 0x0a;
const CHECK_LENGTH = 8;

/** A text as a line that shows whether all of it was written. The text has no line ends of its own, as JSON has none. */
export function spoolLine(text: string): Buffer {
  return Buffer.from(`${checkOf(text)} ${text}\n`);
}

/** The text of a line, without its end; undefined where it was cut or changed. */
export function readSpoolLine(line: Buffer): string | undefined {
  const text = line.toString("utf8", CHECK_LENGTH + 1);
  return line.toString("latin1", 0, CHECK_LENGTH) === checkOf(text) ? text : undefined;
}

/** Where the whole lines of a file are, and how many others it has. */
export function wholeLines(file: Buffer): {
  readonly lines: readonly { readonly at: number; readonly length: number }[];
  readonly damaged: number;
} {
  const lines: { at: number; length: number }[] = [];
  let damaged = 0;
  for (let at = 0; at < file.length;) {
    const found = file.indexOf(LINE_END, at);
    const end = found === -1 ? file.length : found;
    if (found !== -1 && readSpoolLine(file.subarray(at, end)) !== undefined)
      lines.push({ at, length: end + 1 - at });
    else damaged++;
    at = end + 1;
  }
  return { lines, damaged };
}

function checkOf(text: string): string {
  return crc32(text).toString(16).padStart(CHECK_LENGTH, "0");
}
