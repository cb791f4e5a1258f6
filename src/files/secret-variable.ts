import { readFileSync } from "node:fs";
import { invalidInput } from "../domain/errors.ts";
import { readSecretFile } from "./secret-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = "file:";

/**
 * The secret that a variable holds: itself, or `file:PATH` in its place, or the contents of the file that `NAME_FILE`
 * names. Undefined where neither is set. Fails with `invalid_input`, which names the file and nothing of what is in it.
 */
export function readSecretVariable(env: Environment, name: string): string | undefined {
  const text = readPlainSecret(env, name);
  if (!text?.startsWith(REFERENCE)) return text;
  const file = text.slice(REFERENCE.length);
  const read = readSecretFile(file);
  if ("text" in read) return read.text;
  throw invalidInput(`${name}: the file ${file} ${read.problem}; name a file that holds the secret`, {
    name,
    file,
  });
}

/** The same of a variable whose own text may begin with `file:`, and is no reference then. */
export function readPlainSecret(env: Environment, name: string): string | undefined {
  const direct = env[name]?.trim() || undefined;
  const file = env[`${name}_FILE`]?.trim() || undefined;
  if (file === undefined) return direct;
  if (direct !== undefined)
    throw invalidInput(`${name} and ${name}_FILE are both set; unset one of them`, { name });
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidInput(`${name}_FILE: ${file} cannot be read (${code}); name a readable file`, {
      name,
      file,
    });
  }
  if (text === "") throw invalidInput(`${name}_FILE: ${file} is empty`, { name, file });
  return text;
}
