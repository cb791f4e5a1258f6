import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import * as v from "valibot";
import { invalidInput } from "./errors.ts";
import { didYouMean } from "./suggestion.ts";

/** A YAML or JSON text, read, that can say where each of its values stands. */
export interface SourceDocument {
  /** What to call it in messages, usually the path as the user gave it. */
  readonly name: string;
  readonly value: unknown;
  /** `file:line:column` of the value at a path of keys and indexes (of the key itself for `key: true`). */
  locate(path: readonly (string | number)[], at?: "key" | "value"): string;
}

/**
 * Reads YAML 1.2 (of which JSON is a part). Syntax errors, duplicate keys and anchors that explode are invalid_input.
 * `firstLine`: where the text begins in its file, when it is a part of one.
 */
export function readSource(text: string, name: string, firstLine = 1): SourceDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number | undefined) => {
    if (offset === undefined) return name;
    const { line, col } = lineCounter.linePos(offset);
    return `${name}:${line + firstLine - 1}:${col}`;
  };
  const problem = document.errors[0];
  if (problem)
    throw invalidInput(`${place(problem.pos[0])}: not valid YAML: ${headline(problem.message)}`, {
      file: name,
    });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw invalidInput(`${name}: not valid YAML: ${headline(String((error as Error).message))}`, {
      file: name,
    });
  }
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
      return path.length === 0 ? name : this.locate(parent, "value");
    },
  };
}

function headline(text: string): string {
  return text.split("\n", 1)[0]!;
}

/**
 * Checks a document against a schema and gives its typed value. Anything wrong is one `invalid_input`
 * error, `file:line:column: what`, for the first problem; an unknown key names the nearest valid one.
 */
export function checkSource<Schema extends v.GenericSchema>(
  document: SourceDocument,
  schema: Schema,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, document.value);
  if (result.success) return result.output;
  // A strict object names each missing key and each unknown one; the unknown one is the user's typo.
  const issues = result.issues.flatMap(flatten);
  const issue = issues.find((one) => one.type === "strict_object" && one.expected === "never") ?? issues[0]!;
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const where = path.length > 0 ? path.map(String).join(".") : "the document";
  if (issue.type === "strict_object" && issue.expected === "never") {
    const key = String(path.at(-1));
    const known = knownKeys(schema, path.slice(0, -1));
    throw invalidInput(
      `${document.locate(path, "key")}: unknown key "${path.join(".")}"${didYouMean(key, known) || (known.length > 0 ? `; known here: ${known.join(", ")}` : "")}`,
      { file: document.name, path, known },
    );
  }
  if (issue.type === "strict_object" && issue.received === "undefined")
    throw invalidInput(`${document.locate(path.slice(0, -1))}: "${where}" is missing`, {
      file: document.name,
      path,
    });
  throw invalidInput(`${document.locate(path)}: ${where}: ${issue.message}`, { file: document.name, path });
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
