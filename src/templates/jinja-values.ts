/** A value inside the engine: its type's name and what it wraps. */
export interface RuntimeValue {
  readonly type: string;
  readonly value: unknown;
  toString(): string;
}

/** What went wrong while a template was rendered; `variable` when it is about one. */
export class JinjaRuntimeError extends Error {
  readonly variable: string | undefined;
  constructor(message: string, variable?: string) {
    super(message);
    this.name = "JinjaRuntimeError";
    this.variable = variable;
  }
}

/**
 * How many characters a value can take when it is written out, at least 1 per part. Lists share their
 * parts (`[a, a]`), so thirty lines can describe a list of 2^30 items: the size counts every
 * appearance, and is kept per list, which cannot change once it is made. A namespace can, so it may
 * not stand inside another value.
 */
export function measureValue(
  value: RuntimeValue,
  sizes: WeakMap<object, number>,
  limit: number,
  inside = false,
): number {
  const { value: inner } = value;
  if (typeof inner === "string") return inner.length + 2;
  if (inner === null || typeof inner !== "object") return 24;
  if (value.type === "NamespaceValue" && inside)
    throw new JinjaRuntimeError("a namespace cannot be put into a list, an object or another namespace");
  const known = value.type === "NamespaceValue" ? undefined : sizes.get(value);
  if (known !== undefined) return known;
  let size = 2;
  if (Array.isArray(inner))
    for (const item of inner as (RuntimeValue | undefined)[]) {
      if (item === undefined || item.type === "UndefinedValue")
        throw new JinjaRuntimeError("an item of a list has no value");
      size += 2 + measureValue(item, sizes, limit, true);
    }
  else if (inner instanceof Map)
    for (const [key, item] of inner as Map<string, RuntimeValue>)
      size += key.length + 6 + measureValue(item, sizes, limit, true);
  if (size > limit)
    throw new JinjaRuntimeError(
      `a list or object grows past ${limit} characters while the template is rendered`,
    );
  sizes.set(value, size);
  return size;
}
