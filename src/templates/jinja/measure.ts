import { counted } from "../../domain/text/counted.ts";
import { JinjaRuntimeError } from "./nodes.ts";
import { entriesOf, isDict, Namespace, Undefined } from "./python.ts";

/**
 * How many characters a value can take when it is written out, at least 1 per part. Lists share their
 * parts (`[a, a]`), so thirty lines can describe a list of 2^30 items: the size counts every
 * appearance, and is kept per list, which cannot change once it is made. A namespace can, so it may
 * not stand inside another value.
 */
export function measureValue(
  value: unknown,
  sizes: WeakMap<object, number>,
  limit: number,
  inside = false,
): number {
  if (typeof value === "string") return value.length + 2;
  if (value === null || typeof value !== "object") return 24;
  if (value instanceof Namespace) {
    if (inside)
      throw new JinjaRuntimeError("a namespace cannot be put into a list, an object or another namespace");
    let size = 2;
    for (const item of value.attributes.values()) size += measureValue(item, sizes, limit, true);
    return size;
  }
  if (value instanceof Undefined && inside) throw new JinjaRuntimeError("an item of a list has no value");
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += 2 + measureValue(item, sizes, limit, true);
  else if (isDict(value))
    for (const [key, item] of entriesOf(value))
      size += (typeof key === "string" ? key.length : 24) + 6 + measureValue(item, sizes, limit, true);
  else return 24;
  if (size > limit)
    throw new JinjaRuntimeError(
      `a list or object grows past ${counted(limit, "character")} while the template is rendered`,
    );
  sizes.set(value, size);
  return size;
}
