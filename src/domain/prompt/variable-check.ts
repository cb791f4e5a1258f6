import { counted } from "../text/counted.ts";
import type { VariableSpec, VariableType } from "./artifact.ts";

/** Characters that one value may have; more than the largest context window could hold. */
export const MAX_VALUE_CHARACTERS = 4_000_000;

/** Levels of lists and objects inside a value. */
const MAX_DEPTH = 100;

/** A value that is what its variable says, ready to be rendered; or what is wrong with it. */
export type CheckedValue = { readonly value: unknown } | { readonly problem: string };

/**
 * Checks one value against its variable: type, enum, length. JSON values come back as plain data
 * (through JSON and back), so a getter, a proxy or a cycle can do no harm while a template is
 * rendered; half surrogate pairs in strings become U+FFFD.
 */
export function checkVariable(spec: VariableSpec, value: unknown): CheckedValue {
  const checked = checkType(spec.type, value);
  if ("problem" in checked) return checked;
  if (spec.enum && !spec.enum.some((allowed) => same(allowed, checked.value)))
    return { problem: `must be one of ${spec.enum.map(show).join(", ")}; got ${show(value)}` };
  if (spec.max_length !== undefined) {
    const length = lengthOf(checked.value, spec.max_length);
    if (length > spec.max_length)
      return {
        problem: `has ${length} ${spec.type === "list" ? "items" : "characters"}; max_length is ${spec.max_length}`,
      };
  }
  return checked;
}

function checkType(type: VariableType, value: unknown): CheckedValue {
  switch (type) {
    case "string":
      if (typeof value !== "string") return wrong("a string", value);
      if (value.length > MAX_VALUE_CHARACTERS) return tooLong(value.length);
      return { value: value.toWellFormed() };
    case "number":
      return typeof value === "number" && Number.isFinite(value)
        ? { value }
        : wrong("a finite number", value);
    case "boolean":
      return typeof value === "boolean" ? { value } : wrong("true or false", value);
    case "list":
      return Array.isArray(value) ? plainData(value) : wrong("a list", value);
    case "json":
      return plainData(value);
  }
}

function plainData(value: unknown): CheckedValue {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    return { problem: `cannot be written as JSON: ${(error as Error).message.split("\n", 1)[0]!}` };
  }
  if (json === undefined) return { problem: `cannot be written as JSON: it is a ${typeof value}` };
  if (json.length > MAX_VALUE_CHARACTERS) return tooLong(json.length);
  const data: unknown = JSON.parse(json);
  if (isDeeperThan(data, MAX_DEPTH)) return { problem: `is nested more than ${MAX_DEPTH} levels deep` };
  return { value: data };
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeperThan(item, depth - 1));
}

function wrong(expected: string, value: unknown): CheckedValue {
  return { problem: `must be ${expected}; got ${show(value)}` };
}

function tooLong(length: number): CheckedValue {
  return {
    problem: `has ${counted(length, "character")}; the most that can be rendered is ${MAX_VALUE_CHARACTERS}`,
  };
}

/** Counts items of a list, characters (code points) of anything else; stops being exact where it cannot matter. */
function lengthOf(value: unknown, limit: number): number {
  if (Array.isArray(value)) return value.length;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= limit
    ? text.length
    : text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}

/** A value as it can stand in a message: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint")
    return `a ${typeof value}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
