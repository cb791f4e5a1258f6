import { invalidInput } from "../../domain/errors.ts";
import { fileReference, type FileSource } from "./file-source.ts";

/**
 * A variable's value with every `file://` in it read, however deep it stands: text without the white space around
 * it (as promptfoo has it), YAML and JSON as their value. A pattern is a list of what its files hold.
 */
export function readVariable(value: unknown, where: string, files: FileSource): unknown {
  if (typeof value === "string") {
    const path = fileReference(value);
    if (path === undefined) return value;
    const read = (one: string) => {
      refuseCode(one, where);
      const found = files.value(`file://${one}`, where);
      return typeof found === "string" ? found.trim() : found;
    };
    return isPattern(path) ? files.list(path, where).map(read) : read(path);
  }
  if (Array.isArray(value))
    return value.flatMap((item: unknown) => {
      const found = readVariable(item, where, files);
      // A pattern inside a list stands for as many items as it has files.
      return Array.isArray(found) && !Array.isArray(item) ? found : [found];
    });
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, readVariable(item, where, files)]),
    );
  return value;
}

/**
 * An assertion's value with the `file://` of a text, or of each item of a list, read: text without its last line
 * end, which editors add and answers do not have.
 */
export function readExpected(value: unknown, where: string, files: FileSource): unknown {
  if (typeof value === "string") {
    const path = fileReference(value);
    if (path === undefined) return value;
    refuseCode(path, where);
    const found = files.value(value, where);
    return typeof found === "string" ? found.replace(/\r?\n$/, "") : found;
  }
  if (!Array.isArray(value)) return value;
  return value.flatMap((item: unknown) => {
    const found = readExpected(item, where, files);
    return Array.isArray(found) && !Array.isArray(item) ? found : [found];
  });
}

function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** What code would make of it is not known, and its text is not what was meant. */
function refuseCode(path: string, where: string): void {
  if (/\.(?:[cm]?[jt]s|py|rb|sh)(?::\w+)?$/i.test(path))
    throw invalidInput(
      `${where}: file://${path} is code, which is not run here; write its values into a file`,
      {
        where,
        path,
      },
    );
}
