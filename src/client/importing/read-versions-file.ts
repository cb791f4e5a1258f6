import { invalidInput } from "../../domain/errors.ts";
import { readNamedFile } from "../../files/text-file.ts";
import type { IncomingVersion } from "./incoming.ts";
import { isLangfuseVersion, langfuseVersion } from "./langfuse-version.ts";
import { isOwnVersion, ownVersion } from "./own-version.ts";

const MOST_BYTES = 256 * 1024 * 1024;

interface Row {
  readonly row: unknown;
  /** `FILE:7`, or `FILE: entry 7` of a list. */
  readonly at: string;
}

/**
 * The versions of a file: a JSON line each, or a JSON list, or an object with the list as `data`. Each is one as
 * Langfuse's API gives it, or as `sluice export` writes it. `invalid_input` for anything else, saying where.
 */
export async function readVersionsFile(path: string): Promise<IncomingVersion[]> {
  const rows = rowsOf(await readNamedFile(path, "a file of versions", MOST_BYTES), path);
  if (rows.length === 0) throw invalidInput(`${path}: there is no version in it`, { path });
  return rows.map(({ row, at }) => {
    if (isOwnVersion(row)) return ownVersion(row, at);
    if (isLangfuseVersion(row)) return langfuseVersion(row, at);
    throw invalidInput(
      `${at}: is neither a version as Langfuse's API gives it (name, version, prompt) nor one as sluice export writes it (prompt, version, file)`,
      { path },
    );
  });
}

function rowsOf(text: string, path: string): Row[] {
  const whole = parsed(text);
  if (whole) {
    const { value } = whole;
    const { data } = (value ?? {}) as { readonly data?: unknown };
    const list: unknown[] = Array.isArray(value) ? value : Array.isArray(data) ? data : [value];
    return list.map((row, index) => ({ row, at: `${path}: entry ${index + 1}` }));
  }
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const at = `${path}:${index + 1}`;
    const found = parsed(line);
    if (!found)
      throw invalidInput(`${at}: is not valid JSON; write a version on each line, or a list`, { path });
    return [{ row: found.value, at }];
  });
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
