import { didYouMean } from "../../domain/text/suggestion.ts";
import { filterName } from "./evaluator.ts";
import { NO_OWN_FILTERS, type OwnFilters } from "./filter.ts";
import { FILTERS } from "./filters.ts";
import { changesItsValue, METHOD_NAMES } from "./methods.ts";
import { isNode, walk, type JinjaNode, type JinjaProgram } from "./nodes.ts";
import { StatementParser, type Piece } from "./statements.ts";
import { TESTS } from "./tests.ts";
import { SyntaxProblem, tokenize, type Token } from "./tokens.ts";
import { templateError } from "../template-error.ts";

interface Tag {
  readonly start: number;
  readonly end: number;
  /** `if`, `endfor`…; empty for an expression or a comment. */
  readonly keyword: string;
  readonly text: string;
  /** Of `{% raw %}`: all up to its end, as it is written. */
  readonly raw?: string;
}

const BLOCKS = new Set(["if", "for", "macro", "call", "filter", "set", "with"]);

/** Which white space around tags is left out: see {@link parseJinja}. */
export type Whitespace = "trimmed" | "jinja";

/**
 * Reads a jinja template. As in chat templates, a block tag or comment that stands alone on its line
 * leaves no empty line behind (`trim_blocks`, `lstrip_blocks`), and `-` inside a tag's edge takes all
 * white space there; with `jinja` all of it stays but the last end of a line, as is Jinja2's default. What is
 * wrong is an `invalid_input` error with line and column, also an unknown filter, test or method, which would
 * otherwise be found only when it renders.
 */
export function parseJinja(
  source: string,
  whitespace: Whitespace = "trimmed",
  ownFilters = NO_OWN_FILTERS,
): JinjaProgram {
  const tags = scanTags(source);
  const pieces: Piece[] = [];
  const add = (text: string, at: number) => {
    if (text !== "") pieces.push({ kind: "text", text, at });
  };
  const trims = whitespace === "trimmed";
  tags.forEach((tag, index) => {
    add(textBetween(source, tags[index - 1], tag, trims), tag.start);
    if (tag.raw !== undefined) return add(tag.raw, tag.start);
    if (tag.text.startsWith("{#")) return;
    const tokens = tokenizeTag(source, tag);
    pieces.push({ kind: tag.text.startsWith("{{") ? "expression" : "block", tokens, at: tag.start });
  });
  let rest = textBetween(source, tags.at(-1), undefined, trims);
  if (!trims) rest = rest.replace(/\r?\n$/, "");
  add(rest, source.length);
  const parser = new StatementParser(pieces);
  let program: JinjaProgram;
  try {
    program = parser.program();
  } catch (error) {
    if (error instanceof RangeError)
      throw templateError("expressions or blocks are nested too deeply", source, tags[0]!.start);
    if (!(error instanceof SyntaxProblem)) throw error;
    const unbalanced = balanceProblem(tags);
    if (unbalanced) throw templateError(unbalanced.problem, source, unbalanced.tag.start);
    throw templateError(error.message, source, parser.place);
  }
  if (isDeeperThan(program, MAX_NESTING))
    throw templateError("expressions or blocks are nested too deeply", source, tags[0]!.start);
  checkNames(program, source, tags, ownFilters);
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

/** The text from the end of one tag to the start of the next, without the white space that these take. */
function textBetween(
  source: string,
  before: Tag | undefined,
  after: Tag | undefined,
  trims: boolean,
): string {
  let text = source.slice(before?.end ?? 0, after?.start ?? source.length);
  if (before && /-[%}#]\}$/.test(before.text)) text = text.trimStart();
  else if (trims && before && !before.text.startsWith("{{") && !/\+[%#]\}$/.test(before.text))
    text = text.replace(/^\r?\n/, "");
  if (after && /^\{[%{#]-/.test(after.text)) text = text.trimEnd();
  else if (trims && after && !after.text.startsWith("{{") && !/^\{[%#]\+/.test(after.text)) {
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

function tokenizeTag(source: string, tag: Tag): Token[] {
  try {
    return tokenize(tag.text.replace(/^\{[%{][-+]?|[-+]?[%}]\}$/g, ""));
  } catch (error) {
    if (error instanceof SyntaxProblem) throw templateError(error.message, source, tag.start);
    throw error;
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
    const keyword = /^\{%[-+]?\s*(\w+)/.exec(whole)?.[1] ?? "";
    const tag = keyword === "raw" ? rawTag(source, start, end) : { start, end, text: whole, keyword };
    tags.push(tag);
    opening.lastIndex = tag.end;
  }
  return tags;
}

const END_OF_RAW = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;

/** Everything from `{% raw %}` to `{% endraw %}`, which is text. Dashes on its inside take white space from that text. */
function rawTag(source: string, start: number, end: number): Tag {
  END_OF_RAW.lastIndex = end;
  const match = END_OF_RAW.exec(source);
  if (!match) throw templateError("{% raw %} is never closed; add {% endraw %}", source, start);
  const opening = source.slice(start, end);
  let raw = source.slice(end, match.index);
  if (opening.endsWith("-%}")) raw = raw.trimStart();
  if (match[1] === "-") raw = raw.trimEnd();
  // What stands around it sees the outer edges only.
  const text = `${opening.slice(0, 3)} raw ${match[2]}%}`;
  return { start, end: END_OF_RAW.lastIndex, text, keyword: "raw", raw };
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

/** Filters, tests and methods are fixed sets here; a mistyped one should not wait for the first user to be found. */
function checkNames(
  program: JinjaProgram,
  source: string,
  tags: readonly Tag[],
  ownFilters: OwnFilters,
): void {
  const filters = new Set([...FILTERS.keys(), ...ownFilters.keys()]);
  walk(program, (node) => {
    if (node.type === "FilterExpression" || node.type === "FilterStatement") {
      const filter = node["filter"] as JinjaNode;
      const name = filterName(filter);
      if (!filters.has(name)) unknown("filter", name, filters);
      const first = (filter["args"] as JinjaNode[] | undefined)?.[name.endsWith("attr") ? 1 : 0];
      const inner = first?.type === "StringLiteral" ? (first["value"] as string) : undefined;
      if (inner === undefined) return;
      if (name === "map" && !filters.has(inner)) unknown("filter", inner, filters);
      if (/^(?:select|reject)/.test(name) && !TESTS.has(inner)) unknown("test", inner, TESTS.keys());
    } else if (node.type === "TestExpression") {
      const name = String((node["test"] as JinjaNode)["value"]);
      if (!TESTS.has(name)) unknown("test", name, TESTS.keys());
    } else if (node.type === "CallExpression") checkMethod(node["callee"] as JinjaNode);
  });
  function checkMethod(callee: JinjaNode): void {
    if (callee.type !== "MemberExpression" || callee["computed"]) return;
    const name = String((callee["property"] as JinjaNode)["value"]);
    if (METHOD_NAMES.has(name) || name === "cycle" || name === "changed") return;
    if (changesItsValue(name))
      throw templateError(
        `"${name}" would change a list or an object, which templates cannot; set a new one: {% set items = items + [x] %}`,
        source,
        place(name),
      );
    unknown("method", name, METHOD_NAMES);
  }
  function place(name: string): number {
    return tags.find((tag) => new RegExp(`\\b${name}\\b`).test(tag.text))?.start ?? 0;
  }
  function unknown(kind: string, name: string, known: Iterable<string>): never {
    throw templateError(`unknown ${kind} "${name}"${didYouMean(name, [...known])}`, source, place(name));
  }
}
