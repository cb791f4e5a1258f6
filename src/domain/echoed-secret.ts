/** What stands where a secret of ours came back in somebody else's words. */
export const REMOVED = "[secret removed]";

/** A shorter one is no key of a real service, and its letters are found in any text. */
const SHORTEST = 8;

/** Somebody else's words without the secrets that we have sent there, as they are or as part of an address. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const form of formsOf(secrets)) clean = clean.replaceAll(form, REMOVED);
  return clean;
}

/** The same of a JSON text, whose escapes may spell a secret in other letters. A text that is no JSON is only text. */
export function jsonWithoutSecrets(body: string, secrets: readonly string[]): string {
  const forms = formsOf(secrets);
  if (forms.length === 0) return body;
  const isPlain = !/\\[u/"\\]/.test(body);
  if (isPlain && !forms.some((form) => body.includes(form))) return body;
  let isChanged = false;
  const clean = (text: string) => {
    const without = withoutSecrets(text, secrets);
    if (without !== text) isChanged = true;
    return without;
  };
  try {
    const value: unknown = JSON.parse(body, (_key, part: unknown) => {
      if (typeof part === "string") return clean(part);
      if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
      const keys = Object.keys(part);
      return keys.some((key) => clean(key) !== key)
        ? Object.fromEntries(Object.entries(part).map(([key, inner]) => [clean(key), inner]))
        : part;
    });
    return isChanged ? JSON.stringify(value) : body;
  } catch {
    return withoutSecrets(body, secrets);
  }
}

function formsOf(secrets: readonly string[]): string[] {
  const long = secrets.filter((secret) => secret.length >= SHORTEST);
  const forms = new Set(long.flatMap((secret) => [secret, encodeURIComponent(secret)]));
  // The longest first: one that is part of another leaves nothing of it.
  return [...forms].sort((one, other) => other.length - one.length);
}
