import { argumentsOf, type Filter, type FilterContext } from "./filter.ts";
import { JinjaRuntimeError } from "./nodes.ts";
import {
  compare,
  entriesOf,
  equal,
  float,
  Group,
  isDict,
  isFloat,
  isInteger,
  isNumber,
  isTrue,
  iterate,
  lengthOf,
  numberOf,
  textOf,
  typeName,
  Undefined,
} from "./python.ts";
import { TEXT_FILTERS } from "./text-filters.ts";
import { VALUE_FILTERS } from "./value-filters.ts";

const lower = (value: unknown) => (typeof value === "string" ? value.toLowerCase() : value);

/** By which an item is sorted, grouped or told from another: an attribute of it, its case ignored unless it counts. */
function keyOf(
  context: FilterContext,
  attribute: unknown,
  caseSensitive: unknown,
): (item: unknown) => unknown {
  const paths = typeof attribute === "string" ? attribute.split(",") : [attribute];
  const fold = isTrue(caseSensitive ?? false) ? (value: unknown) => value : lower;
  if (attribute === undefined || attribute === null) return fold;
  const one = (path: unknown) => (item: unknown) => fold(present(context.attribute(item, path), path));
  if (paths.length === 1) return one(paths[0]);
  const all = paths.map(one);
  return (item) => all.map((read) => read(item));
}

function present(value: unknown, path: unknown): unknown {
  if (value instanceof Undefined)
    throw new JinjaRuntimeError(`an item has no ${typeof path === "string" ? path : "such attribute"}`);
  return value;
}

function sorted(items: readonly unknown[], key: (item: unknown) => unknown, reverse: boolean): unknown[] {
  const keyed = items.map((item) => [key(item), item] as const);
  keyed.sort(([a], [b]) => (reverse ? compare(b, a) : compare(a, b)));
  return keyed.map(([, item]) => item);
}

/** `select` and its kin: which items pass a test, or are true without one. */
function selecting(byAttribute: boolean, keeps: boolean): Filter {
  return (context, value, args) => {
    const [attribute, ...rest] = byAttribute ? args : [undefined, ...args];
    const [test, ...testArgs] = rest;
    if (byAttribute && attribute === undefined)
      throw new JinjaRuntimeError("the name of an attribute is missing");
    return iterate(value).filter((item) => {
      const looked = byAttribute ? context.attribute(item, attribute) : item;
      if (test === undefined) return isTrue(byAttribute ? present(looked, attribute) : looked) === keeps;
      return context.test(textOf(test), looked, testArgs) === keeps;
    });
  };
}

function extreme(sign: 1 | -1): Filter {
  return (context, value, args, kwargs) => {
    const [caseSensitive, attribute] = argumentsOf(args, kwargs, ["case_sensitive", "attribute"]);
    const key = keyOf(context, attribute, caseSensitive);
    const items = iterate(value);
    if (items.length === 0) return new Undefined();
    return items.reduce((best, item) => (sign * compare(key(item), key(best)) > 0 ? item : best));
  };
}

function add(a: unknown, b: unknown): unknown {
  if (!isNumber(a) || !isNumber(b))
    throw new JinjaRuntimeError(`${typeName(a)} and ${typeName(b)} cannot be summed up`);
  const sum = numberOf(a) + numberOf(b);
  return isFloat(a) || isFloat(b) ? float(sum) : sum;
}

const listFilters: Readonly<Record<string, Filter>> = {
  batch(context, value, args, kwargs) {
    const [count, fill] = argumentsOf(args, kwargs, ["linecount", "fill_with"]);
    const size = positive(count, "batch");
    const items = iterate(value);
    const rows: unknown[][] = [];
    for (let i = 0; i < items.length; i += size) rows.push(items.slice(i, i + size));
    const last = rows.at(-1);
    if (last && fill !== undefined && fill !== null) {
      context.bound(size);
      while (last.length < size) last.push(fill);
    }
    return rows;
  },
  slice(_, value, args, kwargs) {
    const [count, fill] = argumentsOf(args, kwargs, ["slices", "fill_with"]);
    const slices = positive(count, "slice");
    const items = iterate(value);
    if (slices > Math.max(items.length, 1_000))
      throw new JinjaRuntimeError(`"slice" into ${slices} is too many`);
    const size = Math.floor(items.length / slices);
    const longer = items.length % slices;
    let at = 0;
    return Array.from({ length: slices }, (__, i) => {
      const part = items.slice(at, (at += size + (i < longer ? 1 : 0)));
      if (fill !== undefined && fill !== null && i >= longer && longer > 0) part.push(fill);
      return part;
    });
  },
  first: (_, value) => endOf(iterate(value)[0]),
  last: (_, value) => endOf(iterate(value).at(-1)),
  list: (_, value) => [...iterate(value)],
  reverse: (_, value) =>
    typeof value === "string" ? [...value].reverse().join("") : [...iterate(value)].reverse(),
  join(context, value, args, kwargs) {
    const [separator, attribute] = argumentsOf(args, kwargs, ["d", "attribute"]);
    const glue = separator === undefined ? "" : textOf(separator);
    const items = iterate(value);
    context.spend(items.length >> 2);
    context.bound(glue.length * Math.max(0, items.length - 1));
    let length = 0;
    const texts = items.map((item) => {
      const text = textOf(
        attribute === undefined ? item : present(context.attribute(item, attribute), attribute),
      );
      context.bound((length += text.length + glue.length));
      return text;
    });
    return texts.join(glue);
  },
  length: (_, value) => lengthOf(value),
  sort(context, value, args, kwargs) {
    const [reverse, caseSensitive, attribute] = argumentsOf(args, kwargs, [
      "reverse",
      "case_sensitive",
      "attribute",
    ]);
    const items = iterate(value);
    context.spend(items.length);
    return sorted(items, keyOf(context, attribute, caseSensitive), isTrue(reverse ?? false));
  },
  unique(context, value, args, kwargs) {
    const [caseSensitive, attribute] = argumentsOf(args, kwargs, ["case_sensitive", "attribute"]);
    const key = keyOf(context, attribute, caseSensitive);
    const seen = new Set<unknown>();
    const others: unknown[] = [];
    return iterate(value).filter((item) => {
      const one = key(item);
      const simple = isNumber(one) ? numberOf(one) : one;
      if (typeof simple !== "object" || simple === null) return !seen.has(simple) && seen.add(simple);
      context.spend(others.length);
      return !others.some((other) => equal(other, simple)) && others.push(simple);
    });
  },
  groupby(context, value, args, kwargs) {
    const [attribute, fallback, caseSensitive] = argumentsOf(args, kwargs, [
      "attribute",
      "default",
      "case_sensitive",
    ]);
    const read = (item: unknown) => {
      const found = context.attribute(item, attribute);
      return found instanceof Undefined && fallback !== undefined ? fallback : present(found, attribute);
    };
    const fold = isTrue(caseSensitive ?? false) ? (key: unknown) => key : lower;
    const groups: Group[] = [];
    for (const item of sorted(iterate(value), (one) => fold(read(one)), false)) {
      const key = read(item);
      const last = groups.at(-1);
      if (last && equal(fold(last.grouper), fold(key))) (last.list as unknown[]).push(item);
      else groups.push(Group.of(key, [item]) as Group);
    }
    return groups;
  },
  max: extreme(1),
  min: extreme(-1),
  sum(context, value, args, kwargs) {
    const [attribute, start] = argumentsOf(args, kwargs, ["attribute", "start"]);
    return iterate(value).reduce<unknown>(
      (total, item) =>
        add(total, attribute === undefined || attribute === null ? item : context.attribute(item, attribute)),
      start ?? 0,
    );
  },
  map(context, value, args, kwargs) {
    const items = iterate(value);
    const attribute = kwargs.get("attribute");
    if (attribute !== undefined) {
      const path = textOf(attribute);
      context.spend((items.length * (4 + path.length)) >> 2);
      return items.map((item) => {
        const found = context.attribute(item, attribute);
        return found instanceof Undefined ? (kwargs.get("default") ?? found) : found;
      });
    }
    const [name, ...rest] = args;
    if (name === undefined) throw new JinjaRuntimeError('"map" needs a filter, or attribute=');
    return items.map((item) => {
      context.spend(2);
      return context.filter(textOf(name), item, rest, kwargs);
    });
  },
  select: selecting(false, true),
  reject: selecting(false, false),
  selectattr: selecting(true, true),
  rejectattr: selecting(true, false),
  dictsort(context, value, args, kwargs) {
    const [caseSensitive, by, reverse] = argumentsOf(args, kwargs, ["case_sensitive", "by", "reverse"]);
    const key = keyOf(context, by === "value" ? 1 : 0, caseSensitive);
    return sorted(pairs(value, "dictsort"), key, isTrue(reverse ?? false));
  },
  items: (_, value) => pairs(value, "items"),
  keys: (_, value) => pairs(value, "keys").map(([key]) => key),
  values: (_, value) => pairs(value, "values").map(([, item]) => item),
  get: (context, value, args) => {
    const found = context.attribute(value, args[0]);
    return found instanceof Undefined ? (args[1] ?? null) : found;
  },
};

function pairs(value: unknown, name: string): [unknown, unknown][] {
  if (!isDict(value)) throw new JinjaRuntimeError(`"${name}" is for an object, not for ${typeName(value)}`);
  return entriesOf(value);
}

function endOf(value: unknown): unknown {
  return value === undefined ? new Undefined() : value;
}

function positive(value: unknown, name: string): number {
  if (!isInteger(value) || value < 1)
    throw new JinjaRuntimeError(`"${name}" needs a whole number, 1 or more`);
  return value;
}

const ALIASES: Readonly<Record<string, string>> = { d: "default", count: "length", e: "escape" };

export const FILTERS: ReadonlyMap<string, Filter> = (() => {
  const all = new Map(Object.entries({ ...listFilters, ...VALUE_FILTERS, ...TEXT_FILTERS }));
  for (const [alias, name] of Object.entries(ALIASES)) all.set(alias, all.get(name)!);
  return all;
})();
