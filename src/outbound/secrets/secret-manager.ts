import { invalidInput, type SluiceError, unavailable } from "../../domain/errors.ts";

/** How long a manager may take to answer. */
export const PATIENCE_MS = 10_000;

/** A setting of a manager's own, such as VAULT_ADDR; secret ones may be in a file. */
export type Setting = (name: string) => string | undefined;

/** What goes wrong with a secret, in one line; neither the secret nor a login is repeated. */
export function refusedSecret(reference: string, problem: string): SluiceError {
  return invalidInput(`${reference}: ${problem}`, { reference });
}

export function managerUnavailable(reference: string, problem: string, cause?: unknown): SluiceError {
  return unavailable(`${reference}: ${problem}`, { reference }, cause);
}

/** One field of a secret that is an object; without a name the only one that it has. */
export function fieldOf(
  reference: string,
  fields: Readonly<Record<string, unknown>>,
  name: string | undefined,
): string {
  const names = Object.keys(fields);
  const chosen = name ?? (names.length === 1 ? names[0]! : undefined);
  if (chosen === undefined)
    throw refusedSecret(reference, `it has ${names.length} fields; say which with #FIELD`);
  const value = Object.hasOwn(fields, chosen) ? fields[chosen] : undefined;
  if (typeof value !== "string" || value.trim() === "")
    throw refusedSecret(reference, `it has no field ${chosen} that is a text; name one that is`);
  return value.trim();
}

/** A secret that is a text, or the field of one that is a JSON object. */
export function textOrField(reference: string, text: string, name: string | undefined): string {
  if (name === undefined) {
    if (text.trim() === "") throw refusedSecret(reference, "it is empty");
    return text.trim();
  }
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    fields = undefined;
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    throw refusedSecret(reference, `it is no JSON object, so it has no field ${name}; leave #${name} out`);
  return fieldOf(reference, fields as Record<string, unknown>, name);
}
