import type { TemplateSyntax } from "../../../domain/prompt/artifact.ts";

export interface TemplateStretch {
  readonly text: string;
  /** Undefined for text that stands as it is. */
  readonly kind: "value" | "statement" | "comment" | undefined;
  /** The variable that a value begins with. */
  readonly variable?: string;
}

const BRACES = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}/g;
const DOUBLE = /\{\{\{?[\s\S]*?\}?\}\}/g;
const DOLLAR = /\$\{[^}]*\}|\$[A-Za-z_]\w*/g;
const MARKS: Readonly<Record<TemplateSyntax, RegExp>> = {
  jinja: BRACES,
  mustache: DOUBLE,
  langfuse: DOUBLE,
  dollar: DOLLAR,
};

/** Where a template puts values in: for looking at, not for rendering. */
export function placeholdersIn(text: string, syntax: TemplateSyntax): TemplateStretch[] {
  const stretches: TemplateStretch[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(MARKS[syntax])) {
    if (index > from) stretches.push({ text: text.slice(from, index), kind: undefined });
    stretches.push(stretchOf(found));
    from = index + found.length;
  }
  if (from < text.length) stretches.push({ text: text.slice(from), kind: undefined });
  return stretches;
}

function stretchOf(text: string): TemplateStretch {
  if (text.startsWith("{%")) return { text, kind: "statement" };
  if (text.startsWith("{#") || text.startsWith("{{!")) return { text, kind: "comment" };
  if (/^\{\{[#^/]/.test(text)) return { text, kind: "statement" };
  const variable = /[A-Za-z_]\w*/.exec(text)?.[0];
  return variable === undefined ? { text, kind: "value" } : { text, kind: "value", variable };
}
