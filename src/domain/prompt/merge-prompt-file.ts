import { isMapping } from "../json/is-mapping.ts";
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from "yaml";
import { canonicalJson } from "./artifact.ts";
import { diffLines } from "./version-diff.ts";

type Values = Readonly<Record<string, unknown>>;

/**
 * The text of a prompt file that says what another version says: only what differs is written, so that comments, the
 * order of keys and what is no part of a version (its policy) stay as they are. Undefined where the text holds no such prompt.
 *
 * @param before what the file says now, as the file of its own version would
 * @param after what it is to say
 */
export function mergePromptFile(
  text: string,
  prompt: string,
  before: Values,
  after: Values,
): string | undefined {
  // Lines of a text that end as Windows ends them do so afterwards.
  const isWindows = text.includes("\r\n") && !/[^\r]\n/.test(text);
  const isEnded = text.endsWith("\n");
  const source = (isWindows ? text.replaceAll("\r\n", "\n") : text) + (isEnded ? "" : "\n");
  const document = parseDocument(source);
  const map = mapOf(document, prompt);
  if (!map) return undefined;
  const rendered = written(document);
  mergeMap(document, map, before, after);
  const made = { text: source, rendered, merged: written(document) };
  const merged = asItWas(made, prompt, (key) => !isSame(before[key], after[key]));
  if (!keepsOthers(source, merged, prompt)) return undefined;
  const ended = isEnded ? merged : merged.replace(/\n$/, "");
  return isWindows ? ended.replaceAll("\n", "\r\n") : ended;
}

/** Whether the other prompts of the file say what they did: an anchor may be shared with them. */
function keepsOthers(text: string, merged: string, prompt: string): boolean {
  const others = (source: string) => {
    const { prompts } = (parseDocument(source).toJS() ?? {}) as { prompts?: readonly { name?: unknown }[] };
    return (Array.isArray(prompts) ? prompts : []).filter((one) => one?.name !== prompt);
  };
  return isSame(others(text), others(merged));
}

function written(document: Document): string {
  return document.toString({ lineWidth: 0 });
}

interface Texts {
  readonly text: string;
  /** The text as writing its document lays it out. */
  readonly rendered: string;
  readonly merged: string;
}

/** What writing the document alone has laid out anew, as the spaces in brackets, is put back: keys that are the same whole. */
function asItWas(texts: Texts, prompt: string, isChanged: (key: string) => boolean): string {
  const { text, rendered, merged } = texts;
  const [own, plain, made] = [text, rendered, merged].map((source) => partsOf(source, prompt));
  const found =
    own && plain && made
      ? [
          own.head,
          ...[...made.parts].map(([key, part]) => {
            const was = own.parts.get(key);
            if (was === undefined) return part;
            return isChanged(key)
              ? withLines({ text: was, rendered: plain.parts.get(key) ?? "", merged: part })
              : was;
          }),
          own.tail,
        ].join("")
      : withLines(texts);
  return isRead(found) && isSame(parseDocument(found).toJS(), parseDocument(merged).toJS()) ? found : merged;
}

function isRead(text: string): boolean {
  return parseDocument(text).errors.length === 0;
}

/** The text of a prompt by its keys, each from where it stands to where the next one does; undefined within brackets. */
function partsOf(text: string, prompt: string) {
  const map = mapOf(parseDocument(text), prompt);
  if (!map?.range || map.flow) return undefined;
  const starts = map.items.map(({ key }) => (isScalar(key) ? key.range?.[0] : undefined));
  if (starts.includes(undefined)) return undefined;
  const ends = [...starts.slice(1), map.range[1]];
  return {
    head: text.slice(0, starts[0]),
    parts: new Map(map.items.map(({ key }, i) => [String(key), text.slice(starts[i], ends[i])])),
    tail: text.slice(map.range[1]),
  };
}

/** The lines of a merged text that only its layout has changed, as they were; all of it where lines do not correspond. */
function withLines({ text, rendered, merged }: Texts): string {
  const lines = text.split("\n");
  if (rendered.split("\n").length !== lines.length) return merged;
  let at = 0;
  return diffLines(rendered.split("\n"), merged.split("\n"))
    .flatMap(({ kind, text: line }) => {
      if (kind === "added") return line;
      at++;
      return kind === "removed" ? [] : lines[at - 1]!;
    })
    .join("\n");
}

/** The file itself, or its entry in a file of several prompts. */
function mapOf(document: Document, prompt: string): YAMLMap | undefined {
  const { contents } = document;
  if (!isMap(contents)) return undefined;
  if (contents.get("name") === prompt) return contents;
  const several = contents.get("prompts");
  if (!isSeq(several)) return undefined;
  return several.items.find((item): item is YAMLMap => isMap(item) && item.get("name") === prompt);
}

function mergeMap(document: Document, map: YAMLMap, before: Values, after: Values): void {
  for (const key of Object.keys(before)) if (!(key in after)) map.delete(key);
  for (const [key, value] of Object.entries(after)) {
    if (key in before && isSame(before[key], value)) continue;
    const merged = mergeNode(document, map.get(key, true), before[key], value);
    if (!merged) map.set(key, document.createNode(value));
  }
}

/** Writes a value into what is there for it; false where that is of another kind, and has to be replaced. */
function mergeNode(document: Document, node: unknown, before: unknown, after: unknown): boolean {
  if (isSame(before, after)) return node !== undefined;
  if (isScalar(node) && !isObject(after)) {
    node.value = after;
    // A text in the style of the old one may not be one that the new one can have.
    delete node.source;
    return true;
  }
  if (isMap(node) && isMapping(before) && isMapping(after)) {
    mergeMap(document, node, before, after);
    return true;
  }
  if (!isSeq(node) || !Array.isArray(before) || !Array.isArray(after)) return false;
  // An item that stands for several, as an include may, has no place of its own.
  if (node.items.length !== before.length) return false;
  after.forEach((value, i) => {
    const item = node.items[i] as Node | undefined;
    if (item === undefined) node.add(document.createNode(value));
    else if (!mergeNode(document, item, before[i], value)) node.set(i, document.createNode(value));
  });
  for (let i = node.items.length - 1; i >= after.length; i--) node.delete(i);
  return true;
}

function isSame(one: unknown, other: unknown): boolean {
  return one === undefined || other === undefined
    ? one === other
    : canonicalJson(one) === canonicalJson(other);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
