import type { TemplateMessage, Role } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";
import { readSource } from "../../domain/prompt/source-document.ts";
import { readParts } from "../../templates/read-parts.ts";
import { fileReference, type FileSource } from "../dataset/file-source.ts";
import { jsonTexts } from "../running/binding/json-prompt.ts";
import type { ModelConfig, PromptSource } from "../dataset/promptfoo-config-schema.ts";

/** A prompt of a configuration: its messages as templates. */
export interface ConfigPrompt {
  readonly label: string;
  readonly messages: readonly TemplateMessage[];
  /** One text with a template in it, which may render to a list of messages. */
  readonly isChatText?: boolean;
  /** Parameters that it is asked with, over the provider's. */
  readonly config?: ModelConfig;
}

const ROLES: readonly string[] = ["system", "developer", "user", "assistant"];

/**
 * The prompts that an entry stands for: text in place (one user message, or a JSON or YAML list of messages),
 * or files of it; a text file may hold several, separated by lines of `---`.
 */
export function readPrompts(source: PromptSource, where: string, files: FileSource): ConfigPrompt[] {
  const entry = typeof source === "string" ? { raw: source } : source;
  const text = entry.raw ?? entry.file ?? entry.id;
  if (text === undefined) throw invalidInput(`${where}: the prompt has neither raw nor id`, { where });
  const path = fileReference(text) ?? (entry.raw === undefined || looksLikeFile(text) ? text : undefined);
  const config = entry.config && { config: entry.config };
  if (path === undefined)
    return [{ label: entry.label ?? shorten(text), ...readMessages(text, where, where), ...config }];
  return files.list(path, where).flatMap((file) => {
    if (/\.(m?js|cjs|ts|py|csv)$/i.test(file))
      throw invalidInput(`${where}: ${file}: prompts made by code are not run; give their text`, { where });
    const body = files.read(file, where);
    const isMessages = /\.(json|ya?ml)$/i.test(file);
    // Only texts of this name hold several, and lose the white space around each.
    const isPlain = file.toLowerCase().endsWith(".txt");
    const parts = isPlain
      ? body.split(/^---\s*$/m).flatMap((part) => (part.trim() === "" ? [] : [part.trim()]))
      : [body];
    return parts.map((part, index) => ({
      label: entry.label ?? (parts.length > 1 ? `${file}#${index + 1}` : file),
      ...readMessages(part, file, where, isMessages),
      ...config,
    }));
  });
}

function looksLikeFile(text: string): boolean {
  return !/\s/.test(text) && /\.(txt|md|json|ya?ml|jinja2?|j2|m?js|py)$/i.test(text);
}

function shorten(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

type Read = Pick<ConfigPrompt, "messages" | "isChatText">;

/** A loop with two names goes over the keys and values of an object in Nunjucks, which promptfoo renders with. */
const LOOP_OF_TWO = /(\{%[-+]?\s*for\s+\w+\s*,\s*\w+\s+in\s+)((?:(?!%\}).)+?)(\s*[-+]?%\})/gs;

/** A list's `length`, which Nunjucks has from JavaScript, inside a tag. */
const TAG = /\{[{%](?:(?![%}]\}).)*[%}]\}/gs;
const LENGTH = /\b([a-z_][\w.]*)\.length\b/gi;

/** A template with what only Nunjucks has in the words of Jinja. Quotes in the tags of a JSON text are escaped there. */
function fromNunjucks(text: string): string {
  const isJson = jsonTexts(text) !== undefined;
  return text
    .replace(LOOP_OF_TWO, "$1($2)|pairs$3")
    .replace(TAG, (tag) => (isJson ? tag.replaceAll('\\"', "'") : tag).replace(LENGTH, "($1|length)"));
}

function readMessages(given: string, name: string, where: string, mustBeList = false): Read {
  const text = fromNunjucks(given);
  const hasTemplate = /\{\{|\{%/.test(text);
  const asText: Read = {
    messages: [{ role: "user", content: text }],
    ...(hasTemplate && { isChatText: true }),
  };
  if (!mustBeList && !/^\s*(?:\[\s*\{|- )/.test(text)) return asText;
  let value: unknown;
  try {
    value = readSource(text, name).value;
  } catch (error) {
    // A text that only begins like a list is a text, unless it stands in a file of messages.
    if (mustBeList && !hasTemplate) throw error;
    return asText;
  }
  const isMessages =
    Array.isArray(value) && value.every((item) => typeof (item as { role?: unknown })?.role === "string");
  if (!isMessages) {
    // JSON of another form is sent as it is written, its texts filled in.
    const isJson = name.toLowerCase().endsWith(".json") && typeof value === "object" && value !== null;
    if (!mustBeList || isJson) return asText;
    throw invalidInput(`${where}: ${name} must be a list of messages with role and content`, { where });
  }
  const messages = (value as { role: string; content?: unknown }[]).map(({ role, content }, index) => {
    if (ROLES.includes(role) && Array.isArray(content)) {
      const parts = readParts(content, `${where}: ${name}: message ${index + 1}`, true);
      return { role: (role === "developer" ? "system" : role) as Role, content: parts };
    }
    if (!ROLES.includes(role) || typeof content !== "string")
      throw invalidInput(
        `${where}: ${name}: message ${index + 1} needs a role (${ROLES.join(", ")}) and a text as content`,
        { where },
      );
    return { role: (role === "developer" ? "system" : role) as Role, content };
  });
  return { messages };
}
