import { type Document, isMap, isScalar, LineCounter, visit } from "yaml";
import * as v from "valibot";
import { listAsMapping } from "../list-as-mapping.ts";
import { invalidInput } from "../errors.ts";
import { parseSource } from "./parse-source.ts";
import { unfitValue } from "./source-values.ts";
import { didYouMean } from "../text/suggestion.ts";
import { cut, shown, withQuotesCut } from "../text/visible.ts";

/** A YAML or JSON text, read, that can say where each of its values stands. */
export interface SourceDocument {
  /** What to call it in messages, usually the path as the user gave it. */
  readonly name: string;
  readonly value: unknown;
  /** `file:line:column` of the value at a path of keys and indexes (of the key itself for `key: true`). */
  locate(path: readonly (string | number)[], at?: "key" | "value"): string;
}

/**
 * Reads YAML 1.2 (of which JSON is a part), with merge keys (`<<`). Syntax errors, duplicate keys, anchors that
 * explode, endless nesting, and values that have no JSON form or cannot be stored are invalid_input.
 * `firstLine`: where the text begins in its file, when it is a part of one.
 */
export function readSource(text: string, name: string, firstLine = 1): SourceDocument {
  const lineCounter = new LineCounter();
  const place = (offset: number | undefined) => {
    if (offset === undefined) return name;
    const { line, col } = lineCounter.linePos(offset);
    return `${name}:${line + firstLine - 1}:${col}`;
  };
  const refuse = (where: string, problem: string): never => {
    throw invalidInput(`${where}: ${problem}`, { file: name });
  };
  const parsed = parseSource(text, lineCounter);
  if ("tooDeepAt" in parsed)
    return refuse(place(parsed.tooDeepAt), `is nested more than ${parsed.most} levels deep; make it flatter`);
  const { document } = parsed;
  const problem = document.errors[0];
  if (problem) return refuse(place(problem.pos[0]), `not valid YAML: ${headline(problem.message)}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return refuse(
      place(unresolvedAlias(document)),
      `not valid YAML: ${headline(String((error as Error).message))}`,
    );
  }
  const read = located();
  const unfit = unfitValue(value);
  if (unfit)
    throw invalidInput(`${read.locate(unfit.path, unfit.at)}: ${pathText(unfit.path)}: ${unfit.problem}`, {
      file: name,
      path: unfit.path,
    });
  return read;

  function located(): SourceDocument {
    return {
      name,
      value,
      locate(path, at = "value") {
        const parent = path.slice(0, -1);
        const last = path.at(-1);
        const container = path.length === 1 ? document.contents : document.getIn(parent, true);
        if (at === "key" && isMap(container)) {
          const pair = container.items.find((item) => isScalar(item.key) && item.key.value === last);
          if (pair && isScalar(pair.key)) return place(pair.key.range?.[0]);
        }
        const node = path.length === 0 ? document.contents : document.getIn(path, true);
        if (node && typeof node === "object" && "range" in node)
          return place((node as { range?: [number, number, number] }).range?.[0]);
        // A text with nothing in it still has a beginning.
        return path.length === 0 ? `${name}:${firstLine}:1` : this.locate(parent, "value");
      },
    };
  }
}

/** Where an alias stands that no anchor before it explains. */
function unresolvedAlias(document: Document): number | undefined {
  let at: number | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return undefined;
      at = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return at;
}

/** A parser's own words, which may quote what it has read. */
function headline(text: string): string {
  return cut(
    withQuotesCut(text.split("\n", 1)[0]!).replace(/\S{41,}/gu, (word) => cut(word)),
    160,
  );
}

/** Where a value stands, in words: the keys that lead to it. */
function pathText(path: readonly (string | number)[]): string {
  return path.length === 0 ? "the document" : path.map((part) => cut(String(part))).join(".");
}

/**
 * Checks a document against a schema and gives its typed value. Anything wrong is one `invalid_input`
 * error, `file:line:column: what`, for the first problem; an unknown key names the nearest valid one.
 */
export function checkSource<Schema extends v.GenericSchema>(
  document: SourceDocument,
  schema: Schema,
): v.InferOutput<Schema> {
  const refuseList = (path: readonly (string | number)[]): never => {
    const what = path.length > 0 ? pathText(path) : "the document";
    throw invalidInput(`${document.locate(path)}: ${what}: must be a mapping, not a list`, {
      file: document.name,
      path,
    });
  };
  if (Array.isArray(document.value) && schema.type === "strict_object") refuseList([]);
  const result = v.safeParse(schema, document.value);
  if (result.success) {
    const list = listAsMapping(document.value, result.output);
    return list ? refuseList(list) : result.output;
  }
  // A strict object names each missing key and each unknown one; the unknown one is the user's typo.
  const issues = result.issues.flatMap(flatten);
  const issue = issues.find((one) => one.type === "strict_object" && one.expected === "never") ?? issues[0]!;
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const where = pathText(path);
  const parent = issue.path?.at(-1)?.input;
  if (issue.type === "strict_object" && Array.isArray(parent)) refuseList(path.slice(0, -1));
  if (issue.type === "strict_object" && issue.expected === "never") {
    const key = String(path.at(-1));
    const known = knownKeys(schema, path.slice(0, -1));
    throw invalidInput(
      `${document.locate(path, "key")}: unknown key "${where}"${didYouMean(key, known) || (known.length > 0 ? `; known here: ${known.join(", ")}` : "")}`,
      { file: document.name, path, known },
    );
  }
  if (issue.type === "strict_object" && issue.received === "undefined")
    throw invalidInput(`${document.locate(path.slice(0, -1))}: "${where}" is missing`, {
      file: document.name,
      path,
    });
  throw invalidInput(`${document.locate(path)}: ${where}: ${messageOf(issue)}`, {
    file: document.name,
    path,
  });
}

/** What is wrong, with no more of what was received than a message repeats. */
function messageOf({ input, message: own, expected, received }: Issue): string {
  const isOwnWording = !own.startsWith("Invalid type: Expected ");
  const message = isOwnWording ? own : `must be ${kindWords(expected ?? "")}, not ${kindWords(received)}`;
  const short =
    typeof input === "string" && input !== cut(input)
      ? message.replaceAll(`"${input}"`, shown(input))
      : message;
  return withQuotesCut(typeof input === "string" ? short.replaceAll(input, cut(input)) : short);
}

const KINDS: Readonly<Record<string, string>> = {
  Object: "a mapping",
  Array: "a list",
  string: "a text",
  number: "a number",
  boolean: "true or false",
  null: "empty",
};

/** `(Array | Object)` as `a list or a mapping`; a value that was received as it is. */
function kindWords(kinds: string): string {
  const names = kinds.replace(/^\((.*)\)$/s, "$1").split(" | ");
  return names.map((name) => KINDS[name] ?? name).join(" or ");
}

type Issue = v.BaseIssue<unknown>;

/** A failed union hides the reason in its parts; show that of the alternative that came furthest. */
function flatten(issue: Issue): Issue[] {
  if (!issue.issues || issue.issues.length === 0) return [issue];
  const deepest = Math.max(...issue.issues.map((inner) => inner.path?.length ?? 0));
  if (deepest === 0) return [issue];
  return issue.issues
    .filter((inner) => (inner.path?.length ?? 0) === deepest)
    .map((inner) => ({ ...inner, path: [...(issue.path ?? []), ...(inner.path ?? [])] }) as Issue);
}

/** The keys that a strict object inside a schema takes, found by walking to it along a path. */
function knownKeys(schema: unknown, path: readonly (string | number)[]): string[] {
  const node = schema as {
    type?: string;
    wrapped?: unknown;
    item?: unknown;
    value?: unknown;
    options?: readonly unknown[];
    entries?: Record<string, unknown>;
    pipe?: readonly unknown[];
  };
  if (node.pipe && node.pipe[0] !== schema) return knownKeys(node.pipe[0], path);
  if (node.wrapped) return knownKeys(node.wrapped, path);
  if (node.options) return node.options.flatMap((option) => knownKeys(option, path));
  const [key, ...rest] = path;
  if (node.entries)
    return key === undefined ? Object.keys(node.entries) : knownKeys(node.entries[key] ?? {}, rest);
  if (key === undefined) return [];
  if (node.item) return knownKeys(node.item, rest);
  if (node.type === "record") return knownKeys(node.value, rest);
  return [];
}
