import type { Artifact } from "../../../domain/prompt/artifact.ts";
import { type ArtifactTemplate, compileArtifact } from "../../../templates/artifact-template.ts";
import type { OwnFilters } from "../../../templates/jinja/filter.ts";
import { newMessage } from "../../../templates/rendered-message.ts";

/**
 * A prompt whose one text is a JSON object or list, as promptfoo renders one: each of its texts by itself, so that no
 * value can break the JSON around it, and then written out again. Undefined for any other prompt.
 */
export function jsonPrompt(artifact: Artifact, filters?: OwnFilters): ArtifactTemplate | undefined {
  const [only, ...others] = artifact.messages;
  if (!only || others.length > 0 || !("content" in only) || typeof only.content !== "string")
    return undefined;
  const value = objectIn(only.content);
  const texts = jsonTexts(only.content);
  if (!texts) return undefined;
  const messages = texts.map((content) => ({ role: only.role, content }));
  const template = compileArtifact({ ...artifact, messages }, filters);
  return {
    artifact,
    fixedText: only.content,
    render(variables, options) {
      const { messages: rendered, warnings } = template.render(variables, options);
      let next = 0;
      const filled = mapTexts(value, () => rendered[next++]!.content);
      return { messages: [newMessage(only.role, JSON.stringify(filled, null, 2))], warnings };
    },
  };
}

/** The texts in a JSON object or list; undefined where a text is none. */
export function jsonTexts(json: string): string[] | undefined {
  const value = objectIn(json);
  if (value === undefined) return undefined;
  const texts: string[] = [];
  mapTexts(value, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}

function objectIn(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** A JSON value with each of its texts put through `map`, in order; keys stay. */
function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, map)]));
}
