import { namesManager } from "../domain/addresses/managed-secret.ts";
import { invalidInput } from "../domain/errors.ts";
import { readSecretFile } from "./secret-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What secret managers have said, by the address of each secret. */
export type HeldSecrets = ReadonlyMap<string, string>;

const REFERENCE = "file:";
const NOTHING: HeldSecrets = new Map();

/** A variable names a secret of a manager that has not been fetched yet: whoever reads it fetches it, and reads again. */
export class SecretToFetch extends Error {
  readonly reference: string;

  constructor(variable: string, reference: string) {
    super(`${variable} names a secret of a manager, which has not been fetched`);
    this.reference = reference;
  }
}

/**
 * The secret that a variable holds: itself, or `file:PATH` or the address of a secret manager in its place, or the
 * contents of the file that `NAME_FILE` names. Undefined where neither is set. Fails with `invalid_input`, which names
 * the file and nothing of what is in it, and with {@link SecretToFetch}.
 */
export function readSecretVariable(
  env: Environment,
  name: string,
  held: HeldSecrets = NOTHING,
): string | undefined {
  const text = readPlainSecret(env, name);
  return text === undefined ? undefined : referredSecret(text, name, held);
}

/** What a text stands for that may name a file or a secret of a manager; other texts are the secret. */
function referredSecret(text: string, name: string, held: HeldSecrets): string {
  if (namesManager(text)) {
    const secret = held.get(text);
    if (secret === undefined) throw new SecretToFetch(name, text);
    return secret;
  }
  if (!text.startsWith(REFERENCE)) return text;
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
  const read = readSecretFile(file);
  if ("text" in read) return read.text;
  throw invalidInput(`${name}_FILE: ${file} ${read.problem}; name a file that holds the secret`, {
    name,
    file,
  });
}
