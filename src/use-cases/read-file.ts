import { readNamedFile } from "../files/text-file.ts";

const MAX_BYTES = 20 * 1024 * 1024;

/** The text of a file that a user named; one clear `invalid_input` when it cannot be had. */
export async function readTextFile(path: string, what: string): Promise<string> {
  return readNamedFile(path, what, MAX_BYTES);
}
