import { canonicalJson } from "../../domain/prompt/artifact.ts";
import { type EditedFile, type EditedMessage, messagesOf, withMessages } from "./edited-file.ts";
import { type Choice, chosenText, type MergedStretch, mergeText } from "./merge-text.ts";

/** A part of a file that somebody has changed since the base. */
export interface MergedPart {
  readonly part: string;
  /** Whose change it is; `both`: each has changed it, and where that is a text, `stretches` says where. */
  readonly by: "mine" | "theirs" | "both";
  readonly stretches?: readonly MergedStretch[];
  readonly mine: unknown;
  readonly theirs: unknown;
  /** How many choices it takes. */
  readonly open: number;
}

export interface MergedFile {
  readonly parts: readonly MergedPart[];
  /** The file with these choices, by part; what is not chosen stays as mine has it. */
  readonly with: (choices: Readonly<Record<string, readonly Choice[]>>) => EditedFile;
}

/** Brings two changes of one file together, part by part. */
export function mergeFiles(base: EditedFile, mine: EditedFile, theirs: EditedFile): MergedFile {
  const [was, here, there] = [partsOf(base), partsOf(mine), partsOf(theirs)];
  // Where messages were added or taken away, which is which cannot be told by their place.
  const isAligned = [was, here, there].every(({ shape }) => shape === was.shape);
  const sides = [was, here, there].map(({ single, texts, messages }) =>
    isAligned ? new Map([...single, ...texts]) : new Map(single).set(WHOLE, messages),
  );
  const names = [...new Set(sides.flatMap((side) => [...side.keys()]))].toSorted(
    (one, other) => Number(other.startsWith("message")) - Number(one.startsWith("message")),
  );
  const parts = names.flatMap((part): MergedPart[] => {
    const [before, one, other] = sides.map((side) => side.get(part));
    // Nobody has, or both in the same way.
    if (same(one, other)) return [];
    if (same(other, before)) return [settled(part, "mine", one, other)];
    if (same(one, before)) return [settled(part, "theirs", one, other)];
    return [contested(part, before, one, other)];
  });
  return {
    parts,
    with(choices) {
      let file = mine;
      for (const part of parts) if (part.by !== "mine") file = applied(file, part, choices[part.part] ?? []);
      return file;
    },
  };
}

const WHOLE = "messages";
const MESSAGE = /^message (\d+)$/;

interface Parts {
  readonly single: ReadonlyMap<string, unknown>;
  readonly messages: readonly EditedMessage[];
  /** Each message by its place: its text, where it is one. */
  readonly texts: ReadonlyMap<string, unknown>;
  /** Which messages there are, without what they say. */
  readonly shape: string;
}

function partsOf(file: EditedFile): Parts {
  const { messages: _, text, params = {}, variables = {}, ...others } = file;
  const messages = messagesOf(file);
  // What is not said is the same as said.
  const single = new Map<string, unknown>(Object.entries({ syntax: "jinja", ...others }));
  for (const [name, value] of Object.entries(params)) single.set(`params.${name}`, value);
  for (const [name, value] of Object.entries(variables)) single.set(`variables.${name}`, value);
  return {
    single,
    messages,
    texts: new Map(messages.map((message, index) => [`message ${index + 1}`, textOf(message) ?? message])),
    shape: JSON.stringify([text !== undefined, messages.map(shapeOf)]),
  };
}

function shapeOf(message: EditedMessage): unknown {
  return "role" in message ? message.role : message;
}

function textOf(message: EditedMessage): string | undefined {
  return "content" in message && typeof message.content === "string" ? message.content : undefined;
}

function settled(part: string, by: "mine" | "theirs", mine: unknown, theirs: unknown): MergedPart {
  return { part, by, mine, theirs, open: 0 };
}

function contested(part: string, before: unknown, mine: unknown, theirs: unknown): MergedPart {
  if (typeof before !== "string" || typeof mine !== "string" || typeof theirs !== "string")
    return { part, by: "both", mine, theirs, open: 1 };
  const stretches = mergeText(before, mine, theirs);
  const open = stretches.filter(({ kind }) => kind === "both").length;
  return { part, by: "both", stretches, mine, theirs, open };
}

function applied(file: EditedFile, part: MergedPart, choices: readonly Choice[]): EditedFile {
  const [choice = "mine"] = choices;
  const value = part.stretches
    ? chosenText(part.stretches, choices)
    : part.by === "theirs" || choice === "theirs"
      ? part.theirs
      : part.mine;
  return withValue(file, part.part, value);
}

function withValue(file: EditedFile, part: string, value: unknown): EditedFile {
  if (part === WHOLE) return withMessages(file, value as readonly EditedMessage[]);
  const [, place] = MESSAGE.exec(part) ?? [];
  if (place !== undefined) {
    const messages = messagesOf(file).map((message, index) => {
      if (index !== Number(place) - 1) return message;
      return typeof value === "string" && "content" in message
        ? { ...message, content: value }
        : (value as EditedMessage);
    });
    return withMessages(file, messages);
  }
  const [, group, key] = /^(params|variables)\.(.+)$/s.exec(part) ?? [];
  if (group === "params" || group === "variables") {
    const { [key ?? ""]: _, ...others } = (file[group] ?? {}) as Record<string, unknown>;
    const next = value === undefined ? others : { ...file[group], [key ?? ""]: value };
    return { ...file, [group]: next };
  }
  const { [part as keyof EditedFile]: _, ...others } = file;
  return value === undefined ? others : { ...file, [part]: value };
}

function same(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonicalJson(one) === canonicalJson(other);
}
