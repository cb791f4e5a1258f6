import { visible, visibleLines } from "./visible.ts";

export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${visibleLines(text)}\n${fence}`;
}

/** Text in a line of Markdown or a cell of its table, as text. */
export function inline(text: string): string {
  return (
    visible(text.replace(/\s+/g, " "))
      .replace(/[\\`*_[\]<>|#!~]/g, "\\$&")
      // A zero-width space, or a name that a model wrote would be called.
      .replaceAll("@", "@\u200b")
  );
}

/** Text as code in a line or a cell. */
export function code(text: string): string {
  return `\`${visible(text).replace(/[`|\n]/g, "'")}\``;
}
