import { canonicalJson } from "./artifact.ts";

type Values = Record<string, unknown>;

/**
 * As `mergePromptFile`, for JSON, which has no comments: what differs is replaced, in the order and with the indentation of
 * the text. Undefined where the text is no JSON or holds no such prompt.
 */
export function mergePromptJson(
  text: string,
  prompt: string,
  before: Readonly<Values>,
  after: Readonly<Values>,
): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const own = entryOf(document, prompt);
  if (!own) return undefined;
  for (const key of Object.keys(before)) if (!(key in after)) delete own[key];
  for (const [key, value] of Object.entries(after))
    if (!(key in before) || canonicalJson(before[key]) !== canonicalJson(value)) own[key] = value;
  const indent = /\n([\t ]+)"/.exec(text)?.[1] ?? 2;
  const written = JSON.stringify(document, null, indent) + (text.endsWith("\n") ? "\n" : "");
  return text.includes("\r\n") ? written.replaceAll("\n", "\r\n") : written;
}

/** The file itself, or its entry in a file of several prompts. */
function entryOf(document: unknown, prompt: string): Values | undefined {
  if (typeof document !== "object" || document === null) return undefined;
  const { name, prompts } = document as Values;
  if (name === prompt) return document as Values;
  return Array.isArray(prompts) ? (prompts as Values[]).find((one) => one["name"] === prompt) : undefined;
}
