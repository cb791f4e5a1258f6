import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readSync,
  statSync,
  type Stats,
} from "node:fs";
import { Socket } from "node:net";
import { isatty, ReadStream as TerminalStream } from "node:tty";
import { invalidInput } from "../domain/errors.ts";

const CHUNK = 64 * 1024;

/** Why bytes are no text that Sluice reads; undefined when they are. A byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): { readonly text: string } | { readonly problem: string } {
  if (bytes.includes(0)) return { problem: "is not text: it contains a NUL" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "is not UTF-8 text" };
  }
}

/** What stands at a path, where that is no ordinary file; undefined where it is. */
export function otherKind(found: Stats): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return "is a folder";
  if (found.isFIFO()) return "is a pipe";
  return found.isSocket() ? "is a socket" : "is a device";
}

/**
 * The text of a file that has been found to be within bounds, with no symbolic link left in its path. It is looked
 * at again once it is open, so that what was swapped in meanwhile is not read.
 */
export function readRegularFile(
  realPath: string,
  maxBytes: number,
): { readonly text: string } | { readonly problem: string } {
  const kind = otherKind(statSync(realPath));
  if (kind) return { problem: kind };
  // Where a system does not have one of them it counts as nothing.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = openSync(realPath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const opened = otherKind(fstatSync(file));
    if (opened) return { problem: opened };
    const parts: Buffer[] = [];
    for (let total = 0; ;) {
      const part = Buffer.alloc(CHUNK);
      const count = readSync(file, part);
      if (count === 0) return decodeText(Buffer.concat(parts));
      parts.push(part.subarray(0, count));
      total += count;
      if (total > maxBytes) return { problem: tooBig(maxBytes) };
    }
  } finally {
    closeSync(file);
  }
}

/**
 * The text of a file that a user has named on the command line; it may be anywhere, and a pipe too. What cannot
 * be had is one `invalid_input`.
 */
export async function readNamedFile(path: string, what: string, maxBytes: number): Promise<string> {
  const refuse = (problem: string) => invalidInput(`${path}: ${problem}; name ${what}`, { path });
  let bytes: Buffer;
  try {
    const read = await readUpTo(path, maxBytes);
    if (!read) throw refuse(tooBig(maxBytes));
    bytes = read;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw refuse("there is no such file");
    if (code === "EISDIR") throw refuse("it is a folder");
    if (code === "invalid_input") throw error;
    throw refuse(`it cannot be read (${code})`);
  }
  if (bytes.length === 0 && isPipe(path)) throw refuse("it is a pipe that nobody writes to");
  const decoded = decodeText(bytes);
  if ("problem" in decoded) throw refuse(decoded.problem);
  return decoded.text;
}

function isPipe(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

/** Undefined where there is more than that. Nothing here blocks, or a command that waits for a pipe could not be ended. */
async function readUpTo(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of piecesOf(file)) {
    parts.push(part);
    total += part.length;
    if (total > maxBytes) return undefined;
  }
  return Buffer.concat(parts);
}

/** Ordinary files and devices are read at once; for what somebody else writes the event loop waits. */
async function* piecesOf(file: number): AsyncGenerator<Buffer> {
  const found = fstatSync(file);
  if (isatty(file)) return yield* new TerminalStream(file) as AsyncIterable<Buffer>;
  if (!found.isFIFO() && !found.isSocket())
    return yield* createReadStream("", { fd: file, highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  // A pipe that nobody has opened for writing says that it is at its end once, and then nothing any more.
  const first = Buffer.alloc(CHUNK);
  const count = readNow(file, first);
  if (count === 0) return closeSync(file);
  if (count !== undefined) yield first.subarray(0, count);
  yield* new Socket({ fd: file, readable: true, writable: false }) as AsyncIterable<Buffer>;
}

/** How much was there to be read, 0 at the end; undefined while somebody has still to write it. */
function readNow(file: number, into: Buffer): number | undefined {
  try {
    return readSync(file, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}

function tooBig(maxBytes: number): string {
  return `has more than ${Math.round(maxBytes / 2 ** 20)} MB, which is the most that is read`;
}
