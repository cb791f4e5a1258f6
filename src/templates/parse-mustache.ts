import { SegmentBuilder, type ParsedSegments } from "./segments.ts";
import { templateError } from "./template-error.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*$/;

/**
 * Mustache's substitution and nothing else: `{{ x }}` and `{{ x.y }}`. Sections, partials, comments
 * and lambdas are refused where they stand, so a template never runs anything.
 */
export function parseMustache(source: string): ParsedSegments {
  const builder = new SegmentBuilder();
  const offsets = new Map<string, number>();
  let position = 0;
  for (;;) {
    const open = source.indexOf("{{", position);
    if (open === -1) break;
    const close = source.indexOf("}}", open + 2);
    if (close === -1) throw templateError(`"{{" is never closed; add "}}"`, source, open);
    const inside = source.slice(open + 2, close).trim();
    if (!NAME.test(inside)) throw templateError(refusal(inside), source, open);
    builder.text(source.slice(position, open));
    const [name, ...path] = inside.split(".");
    builder.reference({ name: name!, path });
    if (!offsets.has(name!)) offsets.set(name!, open);
    position = close + 2;
  }
  builder.text(source.slice(position));
  return { segments: builder.build(), offsets };
}

function refusal(inside: string): string {
  const shown = inside.length > 40 ? `${inside.slice(0, 40)}…` : inside;
  if (inside === "") return `"{{}}" names no variable`;
  if (/^[#^/>!&={$<]/.test(inside))
    return `"{{${shown}" : mustache templates only substitute {{x}}; for conditions and loops use "syntax: jinja"`;
  return `"{{${shown}}}" is not a variable name (letters, digits, "_", and "." inside a value)`;
}
