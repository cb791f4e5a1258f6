import { argumentsOf, type Filter } from "./filter.ts";
import { fixed, round } from "./formatting.ts";
import { JinjaRuntimeError } from "./nodes.ts";
import {
  compare,
  entriesOf,
  float,
  isDict,
  isFloat,
  isNumber,
  isTrue,
  jsonOf,
  numberOf,
  textOf,
  typeName,
  Undefined,
} from "./python.ts";

function toInteger(value: unknown, fallback: unknown, base: number): unknown {
  if (isNumber(value)) return Number.isFinite(numberOf(value)) ? Math.trunc(numberOf(value)) : fallback;
  if (typeof value !== "string") return fallback;
  const text = value.trim().replace(/(?<=\d)_(?=\d)/g, "");
  if (base !== 10) {
    const bare = text.toLowerCase().replace(/^([-+]?)0[xob]/, "$1");
    const digits = "0123456789abcdefghijklmnopqrstuvwxyz".slice(0, base);
    return new RegExp(`^[-+]?[${digits}]+$`).test(bare) ? parseInt(bare, base) : fallback;
  }
  const number = toFloat(text);
  return number === undefined || !Number.isFinite(number) ? fallback : Math.trunc(number);
}

/** Python reads the digits of every script. */
function latinDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    let zero = code;
    // The ten digits of a script stand together, and begin with its zero.
    while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--;
    return code < 128 ? digit : String((code - zero) % 10);
  });
}

function toFloat(text: string): number | undefined {
  const bare = latinDigits(text.trim()).replace(/(?<=\d)_(?=\d)/g, "");
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(bare)) return Number(bare);
  const special = /^([-+]?)(inf(?:inity)?|nan)$/i.exec(bare);
  if (!special) return undefined;
  if (/nan/i.test(special[2]!)) return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

function numeric(value: unknown, name: string): number {
  if (!isNumber(value)) throw new JinjaRuntimeError(`"${name}" needs a number, not ${typeName(value)}`);
  return numberOf(value);
}

/** Filters of one value: numbers, booleans, JSON. */
export const VALUE_FILTERS: Readonly<Record<string, Filter>> = {
  abs(_, value) {
    const size = Math.abs(numeric(value, "abs"));
    return isFloat(value) ? float(size) : size;
  },
  bool: (_, value) => isTrue(value),
  default: (_, value, args, kwargs) => {
    const [fallback = "", boolean] = argumentsOf(args, kwargs, ["default_value", "boolean"]);
    return value instanceof Undefined || (isTrue(boolean ?? false) && !isTrue(value)) ? fallback : value;
  },
  float(_, value, args, kwargs) {
    const [fallback = float(0)] = argumentsOf(args, kwargs, ["default"]);
    if (isNumber(value)) return float(numberOf(value));
    const number = typeof value === "string" ? toFloat(value) : undefined;
    return number === undefined ? fallback : float(number);
  },
  int(_, value, args, kwargs) {
    const [fallback = 0, base = 10] = argumentsOf(args, kwargs, ["default", "base"]);
    return toInteger(value, fallback, numeric(base, "int"));
  },
  round(_, value, args, kwargs) {
    const [precision = 0, method = "common"] = argumentsOf(args, kwargs, ["precision", "method"]);
    const number = numeric(value, "round");
    const digits = Math.trunc(numeric(precision, "round"));
    if (method !== "common" && method !== "ceil" && method !== "floor")
      throw new JinjaRuntimeError('the method of "round" is common, ceil or floor');
    if (method === "common")
      return isFloat(value) ? float(round(number, digits)) : Number(fixed(number, Math.min(0, digits)));
    return float((method === "ceil" ? Math.ceil : Math.floor)(number * 10 ** digits) / 10 ** digits);
  },
  string: (_, value) => textOf(value),
  // Not Jinja2's but Nunjucks' and promptfoo's, by which prompts for promptfoo write and read JSON.
  dump(context, value, args, kwargs) {
    const [indent] = argumentsOf(args, kwargs, ["indent"]);
    const width = isNumber(indent) ? Math.min(10, numberOf(indent)) : 0;
    const text = jsonOf(value, width > 0 ? " ".repeat(width) : undefined, width > 0 ? undefined : [",", ":"]);
    context.bound(text.length);
    return text;
  },
  pairs: (_, value) => (isDict(value) ? entriesOf(value) : value),
  load(context, value) {
    const text = textOf(value);
    context.spend(text.length / 100);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new JinjaRuntimeError('"load" takes JSON');
    }
  },
  safe: (_, value) => value,
  tojson(context, value, args, kwargs) {
    const names = ["indent", "ensure_ascii", "sort_keys", "separators"];
    const [indent, ascii, sortKeys, separators] = argumentsOf(args, kwargs, names);
    const width = isNumber(indent) ? numberOf(indent) : typeof indent === "string" ? indent.length : 0;
    if (width > 64) throw new JinjaRuntimeError('"tojson" takes a width of 64 at most');
    const step =
      typeof indent === "string" ? indent : isNumber(indent) ? " ".repeat(Math.max(0, width)) : undefined;
    const [comma, colon] = Array.isArray(separators) ? separators.map(textOf) : [", ", ": "];
    const plain = jsonOf(value);
    const longest = Math.max(width, comma?.length ?? 0, colon?.length ?? 0);
    const parts = plain.split(/[,:[\]{}]/).length;
    context.bound(plain.length + (step === undefined ? parts * longest : parts * width * 8));
    const ordered = isTrue(sortKeys ?? false) ? withSortedKeys(value) : value;
    const text = jsonOf(ordered, step, [comma ?? ", ", colon ?? ": "]);
    return isTrue(ascii ?? false)
      ? text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
      : text;
  },
};

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isDict(value)) return value;
  const entries = entriesOf(value).map(([key, item]) => [key, withSortedKeys(item)] as const);
  return new Map(entries.toSorted(([a], [b]) => compare(a, b)));
}
