import type { FilterContext } from "./filter.ts";
import { braceFormat } from "./formatting.ts";
import { JinjaRuntimeError } from "./nodes.ts";
import {
  charactersOf,
  type Dict,
  entriesOf,
  equal,
  isDict,
  isNumber,
  isTrue,
  itemOf,
  iterate,
  numberOf,
  textOf,
  typeName,
} from "./python.ts";
import { capitalize, centred, linesOf, occurrences, replaceText, strip } from "./text-filters.ts";

type Method<T> = (
  context: FilterContext,
  self: T,
  args: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
) => unknown;

function whole(value: unknown, name: string): number {
  if (!isNumber(value)) throw new JinjaRuntimeError(`"${name}" needs a whole number, not ${typeName(value)}`);
  return Math.trunc(numberOf(value));
}

function filling(given: unknown): string {
  const fill = given === undefined ? " " : textOf(given);
  if ([...fill].length !== 1) throw new JinjaRuntimeError("what a text is filled up with is one character");
  return fill;
}

function justified(left: boolean): Method<string> {
  return (context, self, args) => {
    const size = whole(args[0], "width");
    const fill = filling(args[1]);
    const missing = Math.max(0, size - charactersOf(self).length);
    context.bound(self.length + missing);
    return left ? self + fill.repeat(missing) : fill.repeat(missing) + self;
  };
}

/** Python's `split`: without a separator at any run of white space. */
function split(self: string, separator: unknown, most: number): string[] {
  if (separator === undefined || separator === null) {
    const words = self.trim();
    if (words === "") return [];
    if (most < 0) return words.split(/\s+/u);
    const parts: string[] = [];
    let rest = words;
    while (parts.length < most && /\s/u.test(rest)) {
      const [word] = /^\S+/u.exec(rest)!;
      parts.push(word);
      rest = rest.slice(word.length).trimStart();
    }
    return [...parts, rest];
  }
  const glue = textOf(separator);
  if (glue === "") throw new JinjaRuntimeError("a text cannot be split at nothing");
  const parts = self.split(glue);
  return most < 0 || parts.length <= most + 1
    ? parts
    : [...parts.slice(0, most), parts.slice(most).join(glue)];
}

function rsplit(self: string, separator: unknown, most: number): string[] {
  const parts = split(self, separator, -1);
  if (most < 0 || parts.length <= most + 1) return parts;
  const glue = separator === undefined || separator === null ? " " : textOf(separator);
  return [parts.slice(0, parts.length - most).join(glue), ...parts.slice(parts.length - most)];
}

function partition(self: string, separator: unknown, at: (glue: string) => number): string[] | undefined {
  const glue = textOf(separator);
  const found = at(glue);
  return found === -1 ? undefined : [self.slice(0, found), glue, self.slice(found + glue.length)];
}

function affix(given: unknown, has: (part: string) => boolean): boolean {
  return Array.isArray(given) ? given.some((one) => has(textOf(one))) : has(textOf(given));
}

/** Python's optional `start` and `end` of a search: that part of a text, and where it begins, both in characters. */
function searched(
  self: string,
  start: unknown,
  end: unknown,
): { readonly part: string; readonly from: number } {
  const isGiven = (value: unknown) => value !== undefined && value !== null;
  if (!isGiven(start) && !isGiven(end)) return { part: self, from: 0 };
  const characters = [...self];
  const place = (value: unknown, usual: number) => {
    if (!isGiven(value)) return usual;
    const at = whole(value, "start and end");
    return Math.min(characters.length, at < 0 ? Math.max(0, at + characters.length) : at);
  };
  const from = place(start, 0);
  return { part: characters.slice(from, place(end, characters.length)).join(""), from };
}

/** Where a text is found, in characters; -1 where it is not. */
function placeOf(
  self: string,
  [text, start, end]: readonly unknown[],
  search: "indexOf" | "lastIndexOf",
): number {
  const { part, from } = searched(self, start, end);
  const at = part[search](textOf(text));
  return at === -1 ? -1 : from + charactersOf(part.slice(0, at)).length;
}

function placeOrRefuse(self: string, args: readonly unknown[], search: "indexOf" | "lastIndexOf"): number {
  const at = placeOf(self, args, search);
  if (at === -1) throw new JinjaRuntimeError(`"${textOf(args[0])}" is not in the text`);
  return at;
}

const TEXT: Readonly<Record<string, Method<string>>> = {
  upper: (_, self) => self.toUpperCase(),
  lower: (_, self) => self.toLowerCase(),
  casefold: (_, self) => self.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ"),
  capitalize: (_, self) => capitalize(self),
  // Python's: a word is a run of letters, unlike the filter's.
  title: (_, self) => self.replace(/\p{L}+/gu, capitalize),
  swapcase: (_, self) =>
    self.replace(/\p{L}/gu, (char) =>
      char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase(),
    ),
  strip: (_, self, [chars]) => strip(self, chars, true, true),
  lstrip: (_, self, [chars]) => strip(self, chars, true, false),
  rstrip: (_, self, [chars]) => strip(self, chars, false, true),
  split: (context, self, args, kwargs) => {
    context.spend(self.length >> 2);
    return split(self, args[0] ?? kwargs.get("sep"), whole(args[1] ?? kwargs.get("maxsplit") ?? -1, "split"));
  },
  rsplit: (context, self, args, kwargs) => {
    context.spend(self.length >> 2);
    return rsplit(
      self,
      args[0] ?? kwargs.get("sep"),
      whole(args[1] ?? kwargs.get("maxsplit") ?? -1, "rsplit"),
    );
  },
  splitlines: (_, self, args, kwargs) => linesOf(self, isTrue(args[0] ?? kwargs.get("keepends") ?? false)),
  partition: (_, self, [glue]) => partition(self, glue, (text) => self.indexOf(text)) ?? [self, "", ""],
  rpartition: (_, self, [glue]) => partition(self, glue, (text) => self.lastIndexOf(text)) ?? ["", "", self],
  startswith: (_, self, [text, start, end]) => {
    const { part } = searched(self, start, end);
    return affix(text, (one) => part.startsWith(one));
  },
  endswith: (_, self, [text, start, end]) => {
    const { part } = searched(self, start, end);
    return affix(text, (one) => part.endsWith(one));
  },
  removeprefix: (_, self, [part]) => (self.startsWith(textOf(part)) ? self.slice(textOf(part).length) : self),
  removesuffix: (_, self, [part]) =>
    textOf(part) !== "" && self.endsWith(textOf(part)) ? self.slice(0, -textOf(part).length) : self,
  replace: (context, self, [from, to, count], kwargs) =>
    replaceText(context, self, [from, to, count ?? kwargs.get("count")]),
  find: (_, self, args) => placeOf(self, args, "indexOf"),
  rfind: (_, self, args) => placeOf(self, args, "lastIndexOf"),
  index: (_, self, args) => placeOrRefuse(self, args, "indexOf"),
  rindex: (_, self, args) => placeOrRefuse(self, args, "lastIndexOf"),
  count: (_, self, [text, start, end]) => occurrences(searched(self, start, end).part, textOf(text)),
  join: (context, self, [items]) => context.filter("join", items, [self], new Map()),
  format: (context, self, args, kwargs) =>
    braceFormat(self, (field) => {
      const [, head, rest] = /^([^.[]*)(.*)$/s.exec(field)!;
      const start = /^\d+$/.test(head!) ? args[Number(head)] : kwargs.get(head!);
      if (start === undefined)
        throw new JinjaRuntimeError(`the format asks for "${head!}", which is not there`);
      const path = rest!.replace(/\[([^\]]*)\]/g, ".$1").replace(/^\./, "");
      return path === "" ? start : context.attribute(start, path);
    }),
  // Python counts superscripts among them.
  isdigit: (_, self) => /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u.test(self),
  isdecimal: (_, self) => /^\p{Nd}+$/u.test(self),
  isnumeric: (_, self) => /^\p{N}+$/u.test(self),
  isalpha: (_, self) => /^\p{L}+$/u.test(self),
  istitle: (_, self) => /\p{L}/u.test(self) && self === self.replace(/\p{L}+/gu, capitalize),
  isascii: (_, self) => /^\p{ASCII}*$/u.test(self),
  isalnum: (_, self) => /^[\p{L}\p{N}]+$/u.test(self),
  isspace: (_, self) => /^\s+$/u.test(self),
  isupper: (_, self) => self === self.toUpperCase() && self !== self.toLowerCase(),
  islower: (_, self) => self === self.toLowerCase() && self !== self.toUpperCase(),
  ljust: justified(true),
  rjust: justified(false),
  center: (context, self, [size, fill]) => centred(context, self, whole(size, "width"), filling(fill)),
  zfill: (context, self, args) => {
    const [, sign, rest] = /^([-+]?)(.*)$/s.exec(self)!;
    const missing = Math.max(0, whole(args[0], "zfill") - charactersOf(self).length);
    context.bound(self.length + missing);
    return sign! + "0".repeat(missing) + rest!;
  },
};

const LIST: Readonly<Record<string, Method<readonly unknown[]>>> = {
  index: (_, self, [item]) => {
    const at = self.findIndex((one) => equal(one, item));
    if (at === -1) throw new JinjaRuntimeError("the item is not in the list");
    return at;
  },
  count: (_, self, [item]) => self.filter((one) => equal(one, item)).length,
  copy: (_, self) => [...self],
};

const DICT: Readonly<Record<string, Method<Dict>>> = {
  items: (_, self) => entriesOf(self),
  keys: (_, self) => iterate(self),
  values: (_, self) => entriesOf(self).map(([, value]) => value),
  get: (_, self, [key, fallback]) => itemOf(self, key) ?? fallback ?? null,
  copy: (_, self) => new Map(entriesOf(self)),
};

/** How many arguments Python's method takes, least and most; none where it is not here. */
const TAKES: Readonly<Record<string, readonly [number, number]>> = {
  center: [1, 2],
  count: [1, 3],
  endswith: [1, 3],
  find: [1, 3],
  format: [0, Infinity],
  get: [1, 2],
  index: [1, 3],
  join: [1, 1],
  ljust: [1, 2],
  lstrip: [0, 1],
  partition: [1, 1],
  removeprefix: [1, 1],
  removesuffix: [1, 1],
  replace: [2, 3],
  rfind: [1, 3],
  rindex: [1, 3],
  rjust: [1, 2],
  rpartition: [1, 1],
  rsplit: [0, 2],
  rstrip: [0, 1],
  split: [0, 2],
  splitlines: [0, 1],
  startswith: [1, 3],
  strip: [0, 1],
  zfill: [1, 1],
};
const NAMED: Readonly<Record<string, readonly string[]>> = {
  replace: ["count"],
  rsplit: ["sep", "maxsplit"],
  split: ["sep", "maxsplit"],
  splitlines: ["keepends"],
};

/** What a method does not take must not be ignored: the text would be another one than Python's. */
function checkArguments(name: string, args: readonly unknown[], kwargs: ReadonlyMap<string, unknown>): void {
  const [least, most] = TAKES[name] ?? [0, 0];
  if (args.length < least || args.length > most) {
    const takes = most === 0 ? "none" : least === most ? `${most}` : `${least} to ${most}`;
    throw new JinjaRuntimeError(`".${name}()" is given ${args.length} arguments and takes ${takes}`);
  }
  if (name === "format") return;
  for (const key of kwargs.keys())
    if (!NAMED[name]?.includes(key)) throw new JinjaRuntimeError(`".${name}()" takes no argument "${key}"`);
}

/** What changes a value in Python; here nothing does, so that the same text is never two. */
const CHANGING = new Set(
  "append extend insert pop remove clear update setdefault popitem sort reverse add".split(" "),
);

export const METHOD_NAMES: ReadonlySet<string> = new Set(
  [TEXT, LIST, DICT].flatMap((methods) => Object.keys(methods)),
);

export function changesItsValue(name: string): boolean {
  return CHANGING.has(name);
}

/** The method of a value, bound to it; undefined when it has none of this name. */
export function methodOf(
  context: FilterContext,
  value: unknown,
  name: string,
): ((args: unknown[], kwargs: Map<string, unknown>) => unknown) | undefined {
  const bind = <T>(methods: Readonly<Record<string, Method<T>>>, self: T) => {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    return (
      method &&
      ((args: unknown[], kwargs: Map<string, unknown>) => {
        checkArguments(name, args, kwargs);
        return method(context, self, args, kwargs);
      })
    );
  };
  if (typeof value === "string") return bind(TEXT, value);
  if (Array.isArray(value)) return bind(LIST, value);
  return isDict(value) ? bind(DICT, value) : undefined;
}
