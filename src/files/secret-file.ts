import { realpathSync } from "node:fs";
import { readRegularFile } from "./text-file.ts";

const MOST_BYTES = 64 * 1024;

/** The secret that a regular file holds, behind links too, without the white space around it; or why not. */
export function readSecretFile(path: string): { readonly text: string } | { readonly problem: string } {
  let read: ReturnType<typeof readRegularFile>;
  try {
    read = readRegularFile(realpathSync(path), MOST_BYTES);
  } catch (error) {
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  if ("problem" in read) return read;
  return read.text.trim() === "" ? { problem: "is empty" } : { text: read.text.trim() };
}
