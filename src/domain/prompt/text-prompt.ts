import { invalidInput } from "../errors.ts";
import type { SourceDocument } from "./source-document.ts";

/** A prompt document that says whether its one message was written as `text:`. */
export type PromptDocument = SourceDocument & { readonly isText?: boolean };

/**
 * A prompt that is written as `text:` is one message of the user. The document that is given back has that message,
 * and says of everything in it where the text stands.
 */
export function withTextAsMessage(document: SourceDocument): PromptDocument {
  const { name, value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, "text"))
    return document;
  const { text, ...others } = value as Readonly<Record<string, unknown>>;
  const refuse = (at: "key" | "value", problem: string): never => {
    throw invalidInput(`${document.locate(["text"], at)}: text: ${problem}`, { file: name, path: ["text"] });
  };
  if (Object.hasOwn(others, "messages")) refuse("key", "stands in place of messages; write one of the two");
  if (typeof text !== "string" || text.trim() === "")
    refuse("value", "must be a text with something in it, which is sent as the user's message");
  return {
    name,
    isText: true,
    value: { ...others, messages: [{ role: "user", content: text }] },
    locate: (path, at) =>
      path[0] === "messages"
        ? document.locate(["text"], path.length > 1 ? "value" : at)
        : document.locate(path, at),
  };
}
