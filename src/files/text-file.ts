import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
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
 * The text of a file that a person has named on the command line; it may be anywhere, and a pipe too. What cannot
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
  const decoded = decodeText(bytes);
  if ("problem" in decoded) throw refuse(decoded.problem);
  return decoded.text;
}

async function readUpTo(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const file = await open(path);
  try {
    const parts: Buffer[] = [];
    for (let total = 0; ;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, null);
      if (bytesRead === 0) return Buffer.concat(parts);
      parts.push(buffer.subarray(0, bytesRead));
      total += bytesRead;
      if (total > maxBytes) return undefined;
    }
  } finally {
    await file.close();
  }
}

function tooBig(maxBytes: number): string {
  return `has more than ${Math.round(maxBytes / 2 ** 20)} MB, which is the most that is read`;
}
