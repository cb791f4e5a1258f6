import { parse } from "yaml";
import type { GradedAnswer } from "./assertion-kind.ts";
import { parseJsonText } from "../../../domain/json/json-text.ts";
import { renderValue } from "./value-template.ts";

/**
 * A judge's prompt in the user's own words, with `{{ output }}`, `{{ rubric }}` (also as `criteria` and
 * `ideal`) and the case's variables: a text, or messages as a list or as JSON or YAML text.
 */
export function renderRubricPrompt(
  prompt: unknown,
  rubric: unknown,
  { text, vars, prompt: input }: GradedAnswer,
): { readonly system: string; readonly user: string } {
  const values = { ...vars, output: text, rubric, criteria: rubric, ideal: rubric, completion: text, input };
  const render = (item: unknown) => String(renderValue(item, values));
  const messages = typeof prompt === "string" ? messagesIn(prompt) : prompt;
  if (!Array.isArray(messages)) return { system: "", user: render(prompt) };
  const of = (isSystem: boolean) =>
    (messages as { role?: string; content?: unknown }[])
      .filter(({ role }) => (role === "system") === isSystem)
      .map(({ content }) => render(content))
      .join("\n\n");
  return { system: of(true), user: of(false) };
}

function messagesIn(text: string): unknown {
  if (!/^\s*[[-]/.test(text)) return undefined;
  const json = parseJsonText(text);
  if (json) return json.value;
  try {
    return parse(text, { logLevel: "error" }) as unknown;
  } catch {
    return undefined;
  }
}
