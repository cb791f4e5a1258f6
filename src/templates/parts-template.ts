import type { Artifact, ContentPart } from "../domain/prompt/artifact.ts";
import { partProblem } from "../domain/prompt/content-parts.ts";
import { invalidInput } from "../domain/errors.ts";
import { compileTemplate, type CompiledTemplate } from "./compile.ts";
import type { OwnFilters } from "./jinja/filter.ts";

/** A message of parts, each text of it read once as a template. */
export interface PartsTemplate {
  /** Its own words, without what is put into them. */
  readonly fixedText: string;
  render(values: ReadonlyMap<string, unknown>, warnings: string[]): ContentPart[];
}

/**
 * Compiles the parts of a message. Untrusted values stand between their delimiters in texts; in an address or data,
 * where delimiters could not stand, what comes out must be an address or base64. A part that comes out empty is
 * left out, so an image may be missing.
 */
export function compileParts(
  artifact: Artifact,
  parts: readonly ContentPart[],
  untrusted: ReadonlySet<string>,
  filters?: OwnFilters,
): PartsTemplate {
  const { syntax, whitespace } = artifact;
  const compiled = parts.map((part) => ({
    part,
    fields: Object.entries(part).flatMap(([key, text]): [string, CompiledTemplate][] => {
      if (key === "type" || key === "detail" || typeof text !== "string") return [];
      const options = { whitespace, filters, ...(key === "text" && { untrusted }) };
      return [[key, compileTemplate(syntax, text, options)]];
    }),
  }));
  return {
    fixedText: compiled
      .flatMap(({ part, fields }) => (part.type === "text" ? [fields[0]![1].fixedText] : []))
      .join("\n"),
    render(values, warnings) {
      return compiled.flatMap(({ part, fields }): ContentPart[] => {
        const texts = fields.map(([key, template]) => [key, template.render(values, warnings)] as const);
        const rendered = { ...part, ...Object.fromEntries(texts) };
        const main = part.type === "text" ? "text" : part.url === undefined ? "data" : "url";
        const isEmpty = texts.some(([key, text]) => key === main && text.trim() === "");
        if (isEmpty && part.type !== "text") return [];
        const problem = partProblem(rendered);
        if (problem) throw invalidInput(problem);
        return [rendered];
      });
    },
  };
}
