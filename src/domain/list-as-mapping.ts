/**
 * Where a list was given and a mapping was read: to the schemas a list is an object whose keys are numbers. The path of
 * the first such place in a value and what a schema made of it; undefined where there is none.
 */
export function listAsMapping(
  given: unknown,
  read: unknown,
  path: readonly (string | number)[] = [],
): readonly (string | number)[] | undefined {
  if (
    typeof given !== "object" ||
    given === null ||
    typeof read !== "object" ||
    read === null ||
    given === read
  )
    return undefined;
  if (Array.isArray(given)) {
    if (!Array.isArray(read)) return Object.getPrototypeOf(read) === Object.prototype ? path : undefined;
    for (const [index, one] of given.entries()) {
      const found = listAsMapping(one, read[index], [...path, index]);
      if (found) return found;
    }
    return undefined;
  }
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(read, key)) continue;
    const found = listAsMapping(value, (read as Record<string, unknown>)[key], [...path, key]);
    if (found) return found;
  }
  return undefined;
}
