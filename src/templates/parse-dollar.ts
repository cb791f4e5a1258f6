import { SegmentBuilder, type ParsedSegments } from "./segments.ts";
import { templateError } from "./template-error.ts";

const PATH = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*$/;

/** `${a.b.c}`: names and dots only. `$${` is a literal `${`; a `$` without a brace is just text. */
export function parseDollar(source: string): ParsedSegments {
  const builder = new SegmentBuilder();
  const offsets = new Map<string, number>();
  let position = 0;
  for (;;) {
    const open = source.indexOf("${", position);
    if (open === -1) break;
    if (open > position && source[open - 1] === "$") {
      builder.text(`${source.slice(position, open - 1)}\${`);
      position = open + 2;
      continue;
    }
    const close = source.indexOf("}", open + 2);
    if (close === -1)
      throw templateError(
        `"\${" is never closed; add "}", or write "$\${" for the text itself`,
        source,
        open,
      );
    const inside = source.slice(open + 2, close).trim();
    if (!PATH.test(inside))
      throw templateError(
        `"\${${inside.slice(0, 40)}}" is not a path: use names and dots, as in \${user.name}; write "$\${" for the text itself`,
        source,
        open,
      );
    builder.text(source.slice(position, open));
    const [name, ...path] = inside.split(".");
    builder.reference({ name: name!, path });
    if (!offsets.has(name!)) offsets.set(name!, open);
    position = close + 1;
  }
  builder.text(source.slice(position));
  return { segments: builder.build(), offsets };
}
