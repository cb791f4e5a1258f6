import { wordsOf } from "../domain/prompt/content-parts.ts";
import { invalidInput } from "../domain/errors.ts";
import { givenPlaceholder } from "./given-placeholders.ts";
import { injectionSigns } from "./injection.ts";
import { readParts } from "./read-parts.ts";
import type { RenderOptions } from "./render-options.ts";
import { valueText } from "./value-text.ts";

/**
 * Looks for attempts to instruct the model in untrusted values, and in the user and tool messages of placeholders. One is
 * a warning, or with `injection: "reject"` an `invalid_input` error.
 */
export function lookForInjection(
  untrusted: Iterable<readonly [name: string, value: unknown]>,
  placeholders: readonly string[],
  options: RenderOptions,
  warnings: string[],
): void {
  const look = (what: string, text: string) => {
    const signs = injectionSigns(text);
    if (signs.length === 0) return;
    const problem = `${what} looks like an attempt to instruct the model: it ${signs.join(", ")}`;
    if (options.injection === "reject") throw invalidInput(problem, { signs });
    warnings.push(problem);
  };
  for (const [name, value] of untrusted) look(`variable "${name}"`, valueText(value));
  for (const name of placeholders)
    givenPlaceholder(name, options)?.forEach((message, i) => {
      const where = `placeholder "${name}", message ${i + 1}`;
      if (message?.role === "assistant") return;
      if (typeof message?.content === "string") look(where, message.content);
      else if (Array.isArray(message?.content)) look(where, wordsOf(readParts(message.content, where)));
    });
}
