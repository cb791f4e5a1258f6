import { writeFile } from "node:fs/promises";
import { invalidInput } from "../domain/errors.ts";

/** Writes a file that an option names; one that cannot be written is `invalid_input`. */
export async function writeNamedFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidInput(`${path}: cannot be written (${code}); name a file in a folder that exists`, { path });
  }
}
