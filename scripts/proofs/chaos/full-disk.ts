/**
 * A disk that is full: of what is written into one folder half arrives, and then there is no space left. Preloaded
 * (`node --import`) into a process whose disk is to be filled, it takes the folder from CHAOS_DISK and switches at
 * SIGUSR2.
 */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";

let fullFolder: string | undefined;

export function fillDisk(folder: string): void {
  fullFolder = resolve(folder) + sep;
}

export function freeDisk(): void {
  fullFolder = undefined;
}

const isFull = (path: unknown): path is string =>
  fullFolder !== undefined && typeof path === "string" && resolve(path).startsWith(fullFolder);

function noSpace(path: string): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), {
    code: "ENOSPC",
    errno: -28,
    syscall: "write",
    path,
  });
}

const half = (data: unknown) =>
  typeof data === "string" || data instanceof Uint8Array ? data.slice(0, data.length >> 1) : "";

/** As the system does it: what fits is written where it belongs, with its length for an answer, and only the next one fails. */
function writeShort(
  write: (...given: unknown[]) => Promise<unknown>,
  [data, offset, length, position]: readonly unknown[],
  path: string,
): Promise<unknown> {
  if (!(data instanceof Uint8Array) || typeof length !== "number")
    throw new Error("how much is written to a handle has to be said");
  if (length < 2) throw noSpace(path);
  return write(data, offset, length >> 1, position);
}

const real = { open: fs.open, writeFile: fs.writeFile, appendFile: fs.appendFile };

fs.writeFile = async (file, data, options) => {
  if (!isFull(file)) return real.writeFile(file, data, options);
  await real.writeFile(file, half(data), options);
  throw noSpace(file);
};
fs.appendFile = async (file, data, options) => {
  if (!isFull(file)) return real.appendFile(file, data, options);
  await real.appendFile(file, half(data), options);
  throw noSpace(file);
};
fs.open = async (path, flags, mode) => {
  const handle = await real.open(path, flags, mode);
  // Opened before the disk was full and written after it: asked when it is written.
  for (const name of ["write", "writeFile", "appendFile", "writev"] as const) {
    const write = handle[name].bind(handle) as (...given: unknown[]) => Promise<unknown>;
    const checked = async (...given: unknown[]) => {
      if (!isFull(path)) return write(...given);
      if (name === "write") return writeShort(write, given, path);
      if (name !== "writev") await write(half(given[0]));
      throw noSpace(path);
    };
    handle[name] = checked as never;
  }
  return handle;
};
syncBuiltinESMExports();

const own = process.env["CHAOS_DISK"];
if (own !== undefined)
  process.on("SIGUSR2", () => {
    if (fullFolder === undefined) fillDisk(own);
    else freeDisk();
  });
