import { readFile } from "node:fs/promises";
import { invalidInput } from "../domain/errors.ts";

const MAX_BYTES = 20 * 1024 * 1024;

/** The text of a file that a person named; one clear `invalid_input` when it cannot be had. */
export async function readTextFile(path: string, what: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a folder"
          : `it cannot be read (${code})`;
    throw invalidInput(`${path}: ${why}; name ${what}`, { path });
  }
  if (bytes.length > MAX_BYTES)
    throw invalidInput(`${path}: has ${Math.round(bytes.length / 2 ** 20)} MB, at most 20 are read`, {
      path,
    });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalidInput(`${path}: is not UTF-8 text; name ${what}`, { path });
  }
}
