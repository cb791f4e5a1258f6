import type { PlaceholderMessage } from "./rendered-message.ts";
import type { RenderOptions } from "./render-options.ts";

/** The messages that a placeholder was given; undefined where it stays empty. */
export function givenPlaceholder(
  name: string,
  { placeholders, history }: RenderOptions,
): readonly PlaceholderMessage[] | undefined {
  if (placeholders && Object.hasOwn(placeholders, name)) return placeholders[name];
  return name === "history" ? history : undefined;
}

/** Warns of messages for a placeholder that the prompt does not have. */
export function warnOfPlaceholders(
  names: readonly string[],
  { placeholders, history }: RenderOptions,
  warnings: string[],
): void {
  for (const name of [...Object.keys(placeholders ?? {}), ...(history ? ["history"] : [])])
    if (!names.includes(name))
      warnings.push(`this prompt has no placeholder "${name}"; its messages were not used`);
}
