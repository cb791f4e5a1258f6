const REFERENCE = /\{\{-?\s*(\w+)\s*-?\}\}/g;

/** As deep as references are followed; a circle of them ends there. */
const DEPTH = 5;
/** The longest value that references may make, in characters: they can double each other. */
const MOST = 1_000_000;

/** The names that a case's values refer to, of those that the case sets. */
export function nestedNames(vars: Readonly<Record<string, unknown>>): string[] {
  if (!hasReference(vars)) return [];
  return Object.entries(vars).flatMap(([own, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item) => typeof item === "string")
      .flatMap((text) => [...text.matchAll(REFERENCE)].map((match) => match[1]!))
      .filter((name) => name !== own && Object.hasOwn(vars, name)),
  );
}

/** The names in texts that refer to something the case does not set. */
export function unresolvedNames(vars: Readonly<Record<string, unknown>>): Set<string> {
  const texts = Object.values(vars).filter((value) => typeof value === "string");
  return new Set(texts.flatMap((text) => [...text.matchAll(REFERENCE)].map((match) => match[1]!)));
}

/**
 * A case's variables with `{{ name }}` in their texts replaced by the case's other variables, as promptfoo
 * does; what names none of them stays as it is. Throws an Error when a value grows beyond all bounds.
 */
export function resolveNestedVars(
  vars: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!hasReference(vars)) return vars;
  let resolved = vars;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const before: Readonly<Record<string, unknown>> = resolved;
    const entries = Object.entries(before).map(([own, value]) => [
      own,
      typeof value === "string" ? fill(value, own, before) : value,
    ]);
    if (entries.every(([own, value]) => before[own as string] === value)) break;
    resolved = Object.fromEntries(entries) as Record<string, unknown>;
  }
  return resolved;
}

/** Most cases have none: ten thousand of them should cost nothing. */
function hasReference(vars: Readonly<Record<string, unknown>>): boolean {
  return Object.values(vars).some((value) =>
    Array.isArray(value) ? value.some(isTemplate) : isTemplate(value),
  );
}

function isTemplate(value: unknown): boolean {
  return typeof value === "string" && value.includes("{{");
}

function fill(text: string, own: string, vars: Readonly<Record<string, unknown>>): string {
  let length = text.length;
  return text.replaceAll(REFERENCE, (written, name: string) => {
    const value = name !== own && Object.hasOwn(vars, name) ? vars[name] : undefined;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return written;
    length += String(value).length;
    if (length > MOST) throw new Error(`"${own}" refers to so much that it has more than ${MOST} characters`);
    return String(value);
  });
}
