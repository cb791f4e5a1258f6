import { canonicalJson, type Artifact } from "./artifact.ts";

/** A line that both texts have, only the old one, or only the new one. */
export interface DiffLine {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

/** One part of an artifact that differs. */
export interface PartChange {
  /** `messages[0]`, `params.temperature`, `tools.track_order`, `output_schema`, `model`. */
  readonly part: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before: unknown;
  readonly after: unknown;
  /** Texts and JSON, line by line; what was added or removed has lines of one kind. */
  readonly lines: readonly DiffLine[];
}

/** What differs between two artifacts, part by part, in the order of a prompt file. Empty: they are the same. */
export function diffArtifacts(before: Artifact, after: Artifact): PartChange[] {
  const [a, b] = [partsOf(before), partsOf(after)];
  const order = [...new Set([...a.keys(), ...b.keys()])].toSorted((x, y) => rank(x) - rank(y));
  return order.flatMap((part): PartChange[] => {
    const [old, now] = [a.get(part), b.get(part)];
    if (old !== undefined && now !== undefined && canonicalJson(old) === canonicalJson(now)) return [];
    const kind = old === undefined ? "added" : now === undefined ? "removed" : "changed";
    const lines = diffLines(linesOf(old), linesOf(now));
    return [{ part, kind, before: old ?? null, after: now ?? null, lines }];
  });
}

const ORDER = [
  "syntax",
  "whitespace",
  "format",
  "model",
  "params",
  "fallbacks",
  "variables",
  "messages",
  "examples",
  "tools",
  "output_schema",
  "config",
  "includes",
];

function rank(part: string): number {
  return ORDER.indexOf(part.split(/[.[]/, 1)[0]!);
}

function partsOf(artifact: Artifact): Map<string, unknown> {
  const parts = new Map<string, unknown>([
    ["syntax", artifact.syntax],
    ["model", artifact.model],
  ]);
  if (artifact.format) parts.set("format", artifact.format);
  if (artifact.whitespace) parts.set("whitespace", artifact.whitespace);
  for (const [key, value] of Object.entries(artifact.params)) parts.set(`params.${key}`, value);
  for (const [key, value] of Object.entries(artifact.variables)) parts.set(`variables.${key}`, value);
  for (const [index, message] of artifact.messages.entries())
    parts.set(
      `messages[${index}]`,
      "placeholder" in message
        ? `(placeholder ${message.placeholder})`
        : `${message.role}:\n${typeof message.content === "string" ? message.content : JSON.stringify(message.content, null, 2)}`,
    );
  for (const [index, example] of (artifact.examples ?? []).entries())
    parts.set(`examples[${index}]`, example);
  for (const tool of artifact.tools ?? []) parts.set(`tools.${tool.function.name}`, tool);
  if (artifact.includes)
    parts.set("includes", artifact.includes.map(({ prompt, number }) => `${prompt}@${number}`).join("\n"));
  if (artifact.fallbacks)
    parts.set(
      "fallbacks",
      artifact.fallbacks.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n"),
    );
  if (artifact.output_schema) parts.set("output_schema", artifact.output_schema);
  if (artifact.config) parts.set("config", artifact.config);
  return parts;
}

function linesOf(value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return value.replace(/\n$/, "").split("\n");
  return JSON.stringify(value, null, 2).split("\n");
}

/** Lines beyond these are compared as a block: the table of common ones grows with the product. */
const MOST_CELLS = 4_000_000;

/** The difference of two texts line by line (longest common subsequence). */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && before[start] === after[start]) start++;
  let end = 0;
  while (end < shortest - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length * b.length > MOST_CELLS) return [...a.map(removed), ...b.map(added)];
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i]![j] =
        a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!))
      lines.push(removed(a[i++]!));
    else lines.push(added(b[j++]!));
  }
  return lines;
}
