import { didYouMean } from "../domain/suggestion.ts";
import {
  Environment,
  parse,
  tokenize,
  type JinjaNode,
  type JinjaProgram,
  type JinjaToken,
} from "./jinja-engine.ts";
import { templateError } from "./template-error.ts";

interface Tag {
  readonly start: number;
  readonly end: number;
  /** `if`, `endfor`…; empty for an expression or a comment. */
  readonly keyword: string;
  readonly text: string;
}

const BLOCKS = new Set(["if", "for", "macro", "call", "filter", "set"]);

const FILTERS = new Set(
  (
    "abs bool capitalize default dictsort first float get indent int items join keys last length list lower map " +
    "rejectattr replace reverse safe selectattr sort string title tojson trim unique upper values"
  ).split(" "),
);

/**
 * Reads a jinja template. As in chat templates, a block tag or comment that stands alone on its line
 * leaves no empty line behind (`trim_blocks`, `lstrip_blocks`), and `-` inside a tag's edge takes all
 * white space there. What is wrong is an `invalid_input` error with line and column, also an unknown
 * filter or test, which the engine would find only when it renders.
 *
 * The engine is given one tag at a time: it reads a whole text in quadratic time where that has long
 * runs of white space, and would not say where a mistake stands.
 */
export function parseJinja(source: string): JinjaProgram {
  const tags = scanTags(source);
  const tokens: JinjaToken[] = [];
  const owners: Tag[] = [];
  const add = (token: JinjaToken, owner: Tag) => {
    tokens.push(token);
    owners.push(owner);
  };
  tags.forEach((tag, index) => {
    const text = textBetween(source, tags[index - 1], tag);
    if (text !== "") add({ type: "Text", value: text }, tag);
    if (tag.text.startsWith("{#")) return;
    for (const token of tokenizeTag(source, tag)) add(token, tag);
  });
  const rest = textBetween(source, tags.at(-1), undefined);
  if (rest !== "") add({ type: "Text", value: rest }, { ...NO_TAG, start: source.length });
  let furthest = 0;
  const watched = new Proxy(tokens, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) furthest = Math.max(furthest, Number(key));
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  let program: JinjaProgram;
  try {
    program = parse(tokens);
  } catch (error) {
    if (error instanceof RangeError)
      throw templateError("expressions or blocks are nested too deeply", source, tags[0]!.start);
    const unbalanced = balanceProblem(tags);
    if (unbalanced) throw templateError(unbalanced.problem, source, unbalanced.tag.start);
    try {
      parse(watched);
    } catch {
      /* the same failure again, now with the place that it came to */
    }
    throw templateError(reason(error), source, owners[furthest]?.start ?? tags.at(-1)!.start);
  }
  if (isDeeperThan(program, MAX_NESTING))
    throw templateError("expressions or blocks are nested too deeply", source, tags[0]!.start);
  checkNames(program, source, tags);
  return program;
}

/** Nodes within each other; what the interpreter's own limit leaves room for. */
const MAX_NESTING = 250;

function isDeeperThan(node: unknown, depth: number): boolean {
  if (Array.isArray(node)) return node.some((item) => isDeeperThan(item, depth));
  if (node instanceof Map) return [...node].some((pair) => isDeeperThan(pair, depth));
  if (!isNode(node)) return false;
  return depth === 0 || Object.values(node).some((child) => isDeeperThan(child, depth - 1));
}

const NO_TAG: Tag = { start: 0, end: 0, keyword: "", text: "" };

/** The text from the end of one tag to the start of the next, without the white space that these take. */
function textBetween(source: string, before: Tag | undefined, after: Tag | undefined): string {
  let text = source.slice(before?.end ?? 0, after?.start ?? source.length);
  if (before && /-[%}#]\}$/.test(before.text)) text = text.trimStart();
  else if (before && !before.text.startsWith("{{")) text = text.replace(/^\r?\n/, "");
  if (after && /^\{[%{#]-/.test(after.text)) text = text.trimEnd();
  else if (after && !after.text.startsWith("{{")) {
    const line = text.slice(text.lastIndexOf("\n") + 1);
    const startsLine = line.length < text.length || (before?.end ?? 0) === 0 || takesNewline(source, before!);
    if (startsLine && /^[ \t]*$/.test(line)) text = text.slice(0, text.length - line.length);
  }
  return text;
}

/** A block tag that ends its line has taken the line's end with it, so what follows begins a line. */
function takesNewline(source: string, tag: Tag): boolean {
  return !tag.text.startsWith("{{") && /^\r?\n/.test(source.slice(tag.end, tag.end + 2));
}

function tokenizeTag(source: string, tag: Tag): JinjaToken[] {
  try {
    return tokenize(tag.text);
  } catch (error) {
    throw templateError(reason(error), source, tag.start);
  }
}

/** The offset of the first tag that mentions a name; 0 when none does. */
export function offsetOfName(source: string, name: string): number {
  const word = new RegExp(`(?<![\\w.])${name.replace(/\W/g, "\\$&")}(?!\\w)`);
  const loose = new RegExp(`(?<!\\w)${name.replace(/\W/g, "\\$&")}(?!\\w)`);
  const tags = scanTags(source).filter((tag) => !tag.text.startsWith("{#"));
  return (tags.find((tag) => word.test(tag.text)) ?? tags.find((tag) => loose.test(tag.text)))?.start ?? 0;
}

function scanTags(source: string): Tag[] {
  const tags: Tag[] = [];
  const opening = /\{[{%#]/g;
  for (let match = opening.exec(source); match; match = opening.exec(source)) {
    const start = match.index;
    const end = endOfTag(source, start);
    if (end === -1)
      throw templateError(`"${match[0]}" is never closed; add "${CLOSING[match[0]]!}"`, source, start);
    const whole = source.slice(start, end);
    tags.push({ start, end, text: whole, keyword: /^\{%[-+]?\s*(\w+)/.exec(whole)?.[1] ?? "" });
    opening.lastIndex = end;
  }
  return tags;
}

const CLOSING: Record<string, string> = { "{{": "}}", "{%": "%}", "{#": "#}" };

function endOfTag(source: string, start: number): number {
  const closing = CLOSING[source.slice(start, start + 2)]!;
  if (closing === "#}") {
    const end = source.indexOf(closing, start + 2);
    return end === -1 ? -1 : end + 2;
  }
  let braces = 0;
  for (let i = start + 2; i < source.length; i++) {
    const char = source[i]!;
    if (char === '"' || char === "'") {
      for (i++; i < source.length && source[i] !== char; i++) if (source[i] === "\\") i++;
    } else if (char === "{") braces++;
    else if (char === "}" && braces > 0) braces--;
    else if (source.startsWith(closing, i)) return i + 2;
  }
  return -1;
}

function balanceProblem(tags: readonly Tag[]): { problem: string; tag: Tag } | undefined {
  const open: Tag[] = [];
  for (const tag of tags) {
    const { keyword } = tag;
    const isBlock = BLOCKS.has(keyword) && !(keyword === "set" && /[^=!<>]=[^=]/.test(tag.text));
    if (isBlock) open.push(tag);
    else if (keyword.startsWith("end") && BLOCKS.has(keyword.slice(3))) {
      const last = open.pop();
      if (!last) return { problem: `{% ${keyword} %} closes nothing`, tag };
      if (last.keyword !== keyword.slice(3))
        return { problem: `{% ${keyword} %} where {% end${last.keyword} %} is expected`, tag };
    }
  }
  const last = open.at(-1);
  return (
    last && { problem: `{% ${last.keyword} %} is never closed; add {% end${last.keyword} %}`, tag: last }
  );
}

/** Filters and tests are fixed sets here; a mistyped one should not wait for the first user to be found. */
function checkNames(program: JinjaProgram, source: string, tags: readonly Tag[]): void {
  const tests = new Set(new Environment().tests.keys());
  walk(program, (node) => {
    if (node.type === "FilterExpression" || node.type === "FilterStatement") {
      const filter = node["filter"] as JinjaNode;
      const name = String(
        (filter.type === "CallExpression" ? (filter["callee"] as JinjaNode) : filter)["value"],
      );
      if (!FILTERS.has(name)) unknown("filter", name, FILTERS);
      if (name === "default" && filter.type !== "CallExpression")
        throw templateError(`the filter "default" needs a value, as in default("none")`, source, place(name));
    }
    if (node.type === "TestExpression") {
      const name = String((node["test"] as JinjaNode)["value"]);
      if (!tests.has(name)) unknown("test", name, tests);
    }
  });
  function place(name: string): number {
    return tags.find((tag) => new RegExp(`\\b${name}\\b`).test(tag.text))?.start ?? 0;
  }
  function unknown(kind: string, name: string, known: ReadonlySet<string>): never {
    throw templateError(`unknown ${kind} "${name}"${didYouMean(name, known)}`, source, place(name));
  }
}

/** Visits every node below (and with) a node. */
export function walk(node: unknown, visit: (node: JinjaNode) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit);
  else if (node instanceof Map)
    for (const [key, value] of node) {
      walk(key, visit);
      walk(value, visit);
    }
  else if (isNode(node)) {
    visit(node);
    for (const child of Object.values(node)) if (typeof child === "object") walk(child, visit);
  }
}

export function isNode(value: unknown): value is JinjaNode {
  return typeof value === "object" && value !== null && typeof (value as JinjaNode).type === "string";
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError) return "the template ends in the middle of a block";
  const plain = message
    .replace(/^Parser Error: /, "")
    .replace(/\. \w+ !== \w+\.?$/, "")
    .split("\n", 1)[0]!;
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}
