import { percentFormat } from "./formatting.ts";
import { JinjaRuntimeError } from "./nodes.ts";
import { charactersOf, entriesOf, isDict, isNumber, isTrue, numberOf, textOf } from "./python.ts";
import { argumentsOf, type Filter, type FilterContext } from "./filter.ts";

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

export function capitalize(text: string): string {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** Jinja2's: a word begins after white space, a hyphen or an opening bracket. */
export function titleCase(text: string): string {
  return text
    .split(/([-\s({[<]+)/u)
    .map(capitalize)
    .join("");
}

/** Python's `splitlines`. */
export function linesOf(text: string, withEnds = false): string[] {
  // oxlint-disable-next-line no-control-regex
  const parts = text.split(/(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])/);
  const lines: string[] = [];
  for (let i = 0; i < parts.length; i += 2) lines.push(parts[i]! + (withEnds ? (parts[i + 1] ?? "") : ""));
  if (parts.at(-1) === "") lines.pop();
  return lines;
}

/** Python's `center`. */
export function centred(context: FilterContext, text: string, size: number, fill: string): string {
  const missing = Math.max(0, size - charactersOf(text).length);
  context.bound(text.length + missing);
  // Python puts the odd one to the left only where the width is odd too.
  const left = (missing >> 1) + (missing & size & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

export function occurrences(text: string, part: string): number {
  if (part === "") return charactersOf(text).length + 1;
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

/** `replace` of a text, the first `count` places only where that is given. */
export function replaceText(context: FilterContext, text: string, args: readonly unknown[]): string {
  const [from, to, count] = [textOf(args[0]), textOf(args[1]), args[2]];
  const most = isNumber(count) && numberOf(count) >= 0 ? numberOf(count) : Infinity;
  context.bound(text.length + Math.min(most, occurrences(text, from)) * to.length);
  if (most === Infinity) {
    // With the text of a pair of surrogates between, not its halves.
    if (from === "") return to + [...text].map((char) => char + to).join("");
    return text.replaceAll(from, () => to);
  }
  let result = "";
  let at = 0;
  for (let done = 0; done < most; done++) {
    const next = text.indexOf(from, at);
    if (next === -1) break;
    result += text.slice(at, next) + to;
    at = next + from.length;
    if (from === "") result += text[at++] ?? "";
  }
  return result + text.slice(at);
}

function width(value: unknown, usual: number, name: string): number {
  if (value === undefined) return usual;
  if (!isNumber(value)) throw new JinjaRuntimeError(`"${name}" needs a whole number as its width`);
  return Math.trunc(numberOf(value));
}

/** Python's `quote`. */
function quoted(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Filters for texts. What is no text is written out first, as Jinja2 does. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  capitalize: (_, value) => capitalize(textOf(value)),
  center(context, value, args, kwargs) {
    const [given] = argumentsOf(args, kwargs, ["width"]);
    return centred(context, textOf(value), width(given, 80, "center"), " ");
  },
  escape: (_, value) => textOf(value).replace(/[&<>"']/g, (char) => HTML[char]!),
  format: (_, value, args, kwargs) =>
    kwargs.size > 0
      ? percentFormat(textOf(value), [], (key) => kwargs.get(key))
      : percentFormat(textOf(value), args, undefined),
  indent(context, value, args, kwargs) {
    const [given, first, blank] = argumentsOf(args, kwargs, ["width", "first", "blank"]);
    const step = typeof given === "string" ? given : " ".repeat(Math.min(65, width(given, 4, "indent")));
    if (step.length > 64) throw new JinjaRuntimeError('"indent" takes a width of 64 at most');
    const text = textOf(value);
    context.bound(text.length + (occurrences(text, "\n") + 1) * step.length);
    const [head = "", ...lines] = linesOf(`${text}\n`);
    const all = isTrue(blank ?? false);
    const rest = lines.map((line) => (line === "" && !all ? line : step + line));
    return (isTrue(first ?? false) ? step : "") + [head, ...rest].join("\n");
  },
  lower: (_, value) => textOf(value).toLowerCase(),
  replace: (context, value, args, kwargs) =>
    replaceText(context, textOf(value), argumentsOf(args, kwargs, ["old", "new", "count"])),
  title(context, value) {
    const text = textOf(value);
    context.spend(text.length >> 3);
    return titleCase(text);
  },
  trim(_, value, args, kwargs) {
    const [chars] = argumentsOf(args, kwargs, ["chars"]);
    return strip(textOf(value), chars, true, true);
  },
  truncate(_, value, args, kwargs) {
    const names = ["length", "killwords", "end", "leeway"];
    const [length, killwords, end = "...", leeway] = argumentsOf(args, kwargs, names);
    const most = width(length, 255, "truncate");
    const chars = [...textOf(value)];
    const mark = textOf(end);
    if (chars.length <= most + width(leeway, 5, "truncate")) return chars.join("");
    const cut = chars.slice(0, Math.max(0, most - [...mark].length)).join("");
    if (isTrue(killwords ?? false)) return cut + mark;
    const space = cut.lastIndexOf(" ");
    return (space === -1 ? cut : cut.slice(0, space)) + mark;
  },
  upper: (_, value) => textOf(value).toUpperCase(),
  urlencode: (_, value) => {
    const pairs = isDict(value) ? entriesOf(value) : Array.isArray(value) ? value : undefined;
    if (pairs === undefined) return quoted(textOf(value)).replaceAll("%2F", "/");
    const query = (one: unknown) => quoted(textOf(one)).replaceAll("%20", "+");
    return pairs
      .map((pair: unknown) => {
        if (!Array.isArray(pair) || pair.length !== 2)
          throw new JinjaRuntimeError('"urlencode" takes a text, an object or a list of pairs');
        return `${query(pair[0])}=${query(pair[1])}`;
      })
      .join("&");
  },
  wordcount: (_, value) => textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
};

/** Python's `strip`: white space, or any of some characters. */
export function strip(text: string, chars: unknown, left: boolean, right: boolean): string {
  if (chars === undefined || chars === null) {
    if (left && right) return text.trim();
    return left ? text.trimStart() : text.trimEnd();
  }
  const set = new Set(textOf(chars));
  const all = [...text];
  let from = 0;
  let to = all.length;
  while (left && from < to && set.has(all[from]!)) from++;
  while (right && to > from && set.has(all[to - 1]!)) to--;
  return all.slice(from, to).join("");
}
