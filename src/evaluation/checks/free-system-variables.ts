import type { Artifact, VariableSpec } from "../../domain/prompt/artifact.ts";
import { contentTexts } from "../../domain/prompt/content-parts.ts";
import { compileTemplate } from "../../templates/compile.ts";
import type { OwnFilters } from "../../templates/jinja/filter.ts";

/**
 * Variables that may be any text, stand in a system message, and of which nobody has said where their values come
 * from: what a user writes there speaks with the author's voice.
 */
export function freeSystemVariables(
  { syntax, messages, variables }: Artifact,
  filters?: OwnFilters,
): string[] {
  const used = new Set(
    messages.flatMap((message) =>
      "content" in message && message.role === "system"
        ? contentTexts(message.content).flatMap(
            ({ text }) => compileTemplate(syntax, text, { filters }).names,
          )
        : [],
    ),
  );
  return [...used].filter((name) => {
    const spec = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return spec !== undefined && isFree(spec);
  });
}

function isFree({ type, enum: allowed, untrusted, trusted }: VariableSpec): boolean {
  return type === "string" && allowed === undefined && !untrusted && !trusted;
}
