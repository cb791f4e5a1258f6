import { posix } from "node:path";
import { invalidInput } from "../../domain/errors.ts";
import type { TestCaseSource } from "./dataset-schema.ts";
import { fileReference, type FileSource } from "./file-source.ts";
import { readVariable } from "./file-values.ts";

/**
 * Variables with their `file://` values read; given as files of them, those are put over each other.
 *
 * @param folder of the file that holds the case, from which files of variables are named without `file://`
 */
export function readVars(
  vars: TestCaseSource["vars"],
  where: string,
  files: FileSource,
  folder = "",
): Record<string, unknown> {
  if (vars === undefined) return {};
  if (typeof vars === "string" || Array.isArray(vars)) {
    const named = [vars]
      .flat()
      .flatMap((one) => files.list(fileReference(one) ?? posix.join(folder, one), where));
    return Object.assign({}, ...named.map((one) => variablesIn(one, where, files))) as Record<
      string,
      unknown
    >;
  }
  return readVariable(vars, where, files) as Record<string, unknown>;
}

function variablesIn(file: string, where: string, files: FileSource): Record<string, unknown> {
  const value = files.value(file, where);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return readVariable(value, where, files) as Record<string, unknown>;
  throw invalidInput(`${where}: ${file} must hold variables as name: value`, { where });
}
