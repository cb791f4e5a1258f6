/** What makes a value unfit to be kept, and where: the path of keys and indexes to it. */
export interface UnfitValue {
  readonly path: (string | number)[];
  readonly at: "key" | "value";
  readonly problem: string;
}

const HALF = "contains half of a surrogate pair, which is not a character";
const NUL = "contains a NUL character, which cannot be stored";

/**
 * The first part of a document's value that has no JSON form, or that no store can hold: numbers that are none,
 * half characters, NUL, values of YAML types that JSON does not have, and a value that contains itself.
 */
export function unfitValue(root: unknown): UnfitValue | undefined {
  const path: (string | number)[] = [];
  const open = new Set<object>();
  const done = new Set<object>();
  return look(root);

  function look(value: unknown): UnfitValue | undefined {
    const problem = ownProblem(value);
    if (problem !== undefined) return { path: [...path], at: "value", problem };
    if (typeof value !== "object" || value === null || done.has(value)) return undefined;
    if (open.has(value))
      return { path: [...path], at: "value", problem: "is an alias of what it stands in, so it has no end" };
    open.add(value);
    for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      path.push(key);
      const unfit = (typeof key === "string" ? keyProblem(key) : undefined) ?? look(item);
      if (unfit) return unfit;
      path.pop();
    }
    open.delete(value);
    done.add(value);
    return undefined;
  }

  function keyProblem(key: string): UnfitValue | undefined {
    if (key.isWellFormed() && !key.includes("\0")) return undefined;
    return {
      path: path.slice(0, -1),
      at: "value",
      problem: "has a key with a NUL character or half of a surrogate pair",
    };
  }
}

function ownProblem(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      if (value.includes("\0")) return NUL;
      return value.isWellFormed() ? undefined : HALF;
    case "number":
      return Number.isFinite(value) ? undefined : `${value} has no JSON form`;
    case "object":
      return value === null || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
        ? undefined
        : `is ${kindOf(value)}, which has no JSON form; write a text in quotes, a list or a mapping`;
    case "boolean":
    case "undefined":
      return undefined;
    default:
      return `is a ${typeof value}, which has no JSON form`;
  }
}

function kindOf(value: object): string {
  if (Object.prototype.toString.call(value) === "[object Date]") return "a timestamp (!!timestamp)";
  if (value instanceof Set) return "a set (!!set)";
  if (value instanceof Map) return "an ordered mapping (!!omap)";
  return ArrayBuffer.isView(value) ? "a binary value (!!binary)" : "a value of a type of YAML's own";
}
