import { readSource } from "../../../domain/prompt/source-document.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { newMessage, type RenderedMessage } from "../../../templates/rendered-message.ts";
import { parseJsonText } from "../../../domain/json/json-text.ts";

const ROLES = ["system", "developer", "user", "assistant"] as const;

/**
 * The messages that a rendered text stands for, as promptfoo reads one: a JSON list of messages, or a YAML one that
 * begins with `- role:`. Undefined where it is a text. A list of messages that is broken is an `invalid_input`:
 * sent as a text it would be asked something else.
 */
export function readChatText(text: string): RenderedMessage[] | undefined {
  const value = valueOf(text.trim());
  if (!Array.isArray(value) || value.length === 0 || !value.every(isMessage)) return undefined;
  return value.map(({ role, content }, index) => {
    const known = ROLES.find((one) => one === role);
    const words = textOf(content);
    if (known === undefined || words === undefined)
      throw invalidInput(
        `message ${index + 1} of the rendered prompt needs a role (${ROLES.join(", ")}) and a text as content`,
      );
    return newMessage(known === "developer" ? "system" : known, words);
  });
}

function valueOf(text: string): unknown {
  if (text.startsWith("- role:")) return readSource(text, "the rendered prompt").value;
  if (/^\{\s*"[^]*\}$/.test(text) && !parseJsonText(text))
    throw invalidInput(
      "the rendered prompt begins like a JSON object and is not valid JSON; put variables into it with | tojson",
    );
  if (!text.startsWith("[")) return undefined;
  const json = parseJsonText(text);
  if (json) return json.value;
  if (/^\[\s*\{\s*"role"/.test(text))
    throw invalidInput(
      "the rendered prompt begins like a JSON list of messages and is not valid JSON; put variables into it with | tojson",
    );
  return undefined;
}

function isMessage(item: unknown): item is { readonly role: unknown; readonly content?: unknown } {
  return typeof item === "object" && item !== null && "role" in item;
}

/** A text, or the texts of content parts that are nothing else. */
function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part: { type?: unknown; text?: unknown } | null) =>
    part?.type === "text" && typeof part.text === "string" ? part.text : undefined,
  );
  return texts.every((one) => one !== undefined) ? texts.join("") : undefined;
}
