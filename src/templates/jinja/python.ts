import { JinjaRuntimeError } from "./nodes.ts";

// Values of templates with Python's semantics. Texts, lists and null are JavaScript's own; a whole number is an
// integer; objects are plain ones (from outside) or Maps (from the template).

/** A float without a fraction, which JavaScript cannot tell from an integer: `4 / 2` is `2.0`. */
export class WholeFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** What is not there; using it is an error unless the template asks whether it is. */
export class Undefined {
  readonly name: string | undefined;
  constructor(name?: string) {
    this.name = name;
  }
}

/** Something that can be called and never printed: a macro, a method, `range`. */
export class Callable {
  readonly call: (args: unknown[], kwargs: Map<string, unknown>) => unknown;
  constructor(call: (args: unknown[], kwargs: Map<string, unknown>) => unknown) {
    this.call = call;
  }
}

/** `namespace()`: what is set in it stays set when a loop ends. */
export class Namespace {
  readonly attributes = new Map<string, unknown>();
}

/** One group of `groupby`: a pair that also has names. */
export class Group extends Array<unknown> {
  get grouper(): unknown {
    return this[0];
  }
  get list(): unknown {
    return this[1];
  }
}

export type Dict = Map<unknown, unknown> | Readonly<Record<string, unknown>>;

export function isDict(value: unknown): value is Dict {
  if (value instanceof Map) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(
    value instanceof WholeFloat ||
    value instanceof Undefined ||
    value instanceof Callable ||
    value instanceof Namespace
  );
}

export function entriesOf(dict: Dict): [unknown, unknown][] {
  return dict instanceof Map ? [...dict] : Object.entries(dict);
}

/** The value of a key; undefined when it is not there. Never an inherited property. */
export function itemOf(dict: Dict, key: unknown): unknown {
  if (dict instanceof Map) {
    if (dict.has(key)) return dict.get(key);
    const found = [...dict].find(([one]) => equal(one, key));
    return found?.[1];
  }
  return typeof key === "string" && Object.hasOwn(dict, key) ? dict[key] : undefined;
}

export function isNumber(value: unknown): value is number | WholeFloat | boolean {
  return typeof value === "number" || typeof value === "boolean" || value instanceof WholeFloat;
}

export function isFloat(value: unknown): value is number | WholeFloat {
  return value instanceof WholeFloat || (typeof value === "number" && !Number.isInteger(value));
}

export function isInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

export function numberOf(value: number | WholeFloat | boolean): number {
  return value instanceof WholeFloat ? value.value : Number(value);
}

export function float(value: number): number | WholeFloat {
  return Number.isInteger(value) ? new WholeFloat(value) : value;
}

export function isTrue(value: unknown): boolean {
  if (isNumber(value)) return numberOf(value) !== 0;
  if (typeof value === "string" || Array.isArray(value)) return value.length > 0;
  if (isDict(value)) return entriesOf(value).length > 0;
  return value !== null && value !== undefined && !(value instanceof Undefined);
}

export function equal(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (isDict(a) && isDict(b)) {
    const pairs = entriesOf(a);
    return (
      pairs.length === entriesOf(b).length &&
      pairs.every(([key, value]) => {
        const other = itemOf(b, key);
        return other !== undefined && equal(value, other);
      })
    );
  }
  return a === b;
}

/** Less than 0, 0 or more; two things that have no order are an error. */
export function compare(a: unknown, b: unknown): number {
  if (isNumber(a) && isNumber(b)) return numberOf(a) - numberOf(b);
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (!equal(a[i], b[i])) return compare(a[i], b[i]);
    return a.length - b.length;
  }
  throw new JinjaRuntimeError(`${typeName(a)} and ${typeName(b)} have no order`);
}

/** By code points, as Python does; JavaScript compares halves of surrogate pairs. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  if (i === a.length || i === b.length) return a.length - b.length;
  const fix = (code: number) => (code >= 0xd800 && code <= 0xdfff ? code + 0x10000 : code);
  return fix(a.charCodeAt(i)) - fix(b.charCodeAt(i));
}

export function typeName(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "string") return "a text";
  if (typeof value === "boolean") return "a boolean";
  if (isNumber(value)) return "a number";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Callable) return "a function";
  if (value instanceof Namespace) return "a namespace";
  return value instanceof Undefined ? "a value that is not there" : "an object";
}

const ASTRAL = /[\ud800-\udbff][\udc00-\udfff]/;

/** A text's characters; a pair of surrogates is one. */
export function charactersOf(text: string): string[] | string {
  return ASTRAL.test(text) ? [...text] : text;
}

export function lengthOf(value: unknown): number {
  if (typeof value === "string") return charactersOf(value).length;
  if (Array.isArray(value)) return value.length;
  if (isDict(value)) return value instanceof Map ? value.size : Object.keys(value).length;
  throw new JinjaRuntimeError(`${typeName(value)} has no length`);
}

/** What a loop goes through: items, characters, or keys. */
export function iterate(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [...value];
  if (isDict(value)) return entriesOf(value).map(([key]) => key);
  throw new JinjaRuntimeError(`${typeName(value)} cannot be gone through item by item`);
}

export function contains(holder: unknown, item: unknown): boolean {
  if (typeof holder === "string") {
    if (typeof item !== "string")
      throw new JinjaRuntimeError(`only a text can be in a text, not ${typeName(item)}`);
    return holder.includes(item);
  }
  if (Array.isArray(holder)) return holder.some((one) => equal(one, item));
  if (isDict(holder)) return itemOf(holder, item) !== undefined;
  throw new JinjaRuntimeError(`nothing can be in ${typeName(holder)}`);
}

/** How a number is printed: a float always shows that it is one. */
export function numberText(value: number | WholeFloat): string {
  if (value instanceof WholeFloat) {
    const text = floatText(value.value);
    return /[.en]/.test(text) ? text : `${text}.0`;
  }
  return Number.isInteger(value) ? String(value) : floatText(value);
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  // Python changes to an exponent at 1e16 and below 1e-4, and writes it with two digits at least.
  const text = size !== 0 && (size >= 1e16 || size < 1e-4) ? value.toExponential() : String(value);
  return text.replace(/e([-+])(\d)$/, "e$10$2");
}

/** A value as it stands in a prompt: a list or an object as JSON, null as nothing, true and false as in JSON. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return String(value);
  if (value instanceof WholeFloat) return numberText(value);
  if (value instanceof Undefined)
    throw new JinjaRuntimeError("a value that is not there cannot be printed", value.name);
  if (value instanceof Callable) throw new JinjaRuntimeError("a function cannot be printed; call it with ()");
  return jsonOf(value);
}

/** JSON with a space after `,` and `:`, or indented. */
export function jsonOf(
  value: unknown,
  indent?: string,
  separators: readonly [string, string] = [", ", ": "],
  depth = 0,
): string {
  const lines = indent === undefined ? undefined : `\n${indent.repeat(depth + 1)}`;
  const [comma, colon] = lines === undefined ? separators : [`,${lines}`, separators[1]];
  const wrap = (open: string, close: string, items: string[]) => {
    if (items.length === 0) return open + close;
    const inner = items.join(comma);
    return lines === undefined
      ? open + inner + close
      : `${open}${lines}${inner}\n${indent!.repeat(depth)}${close}`;
  };
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" || value instanceof WholeFloat) return numberText(value);
  if (value instanceof Undefined) throw new JinjaRuntimeError("an item of a list has no value");
  if (value instanceof Callable) throw new JinjaRuntimeError("a function cannot be printed; call it with ()");
  const part = (item: unknown) => jsonOf(item, indent, separators, depth + 1);
  if (Array.isArray(value)) return wrap("[", "]", value.map(part));
  const entries = value instanceof Namespace ? [...value.attributes] : entriesOf(value as Dict);
  return wrap(
    "{",
    "}",
    entries.map(
      ([key, item]) => `${JSON.stringify(typeof key === "string" ? key : jsonOf(key))}${colon}${part(item)}`,
    ),
  );
}
