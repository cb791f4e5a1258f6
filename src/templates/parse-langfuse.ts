import { SegmentBuilder, type ParsedSegments } from "./segments.ts";

const VARIABLE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}/g;

/**
 * What Langfuse's clients replace, `{{ name }}`, and nothing else. Whatever else stands between braces (JSON, a name with
 * a hyphen, a section) is text, as it is in the prompts that people have there, so there is nothing to refuse.
 */
export function parseLangfuse(source: string): ParsedSegments {
  const builder = new SegmentBuilder();
  const offsets = new Map<string, number>();
  let position = 0;
  for (const { index, 0: written, 1: name } of source.matchAll(VARIABLE)) {
    builder.text(source.slice(position, index));
    builder.reference({ name: name!, path: [] });
    if (!offsets.has(name!)) offsets.set(name!, index);
    position = index + written.length;
  }
  builder.text(source.slice(position));
  return { segments: builder.build(), offsets };
}
