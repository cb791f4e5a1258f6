/** A text as JSON; undefined when it is not. */
export function parseJsonText(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/**
 * Every JSON object or array that stands in a text, outermost only, in order. Balanced by a scan that knows
 * strings, so it takes linear time per opening bracket; at most `limit` openings are tried.
 */
export function jsonWithin(text: string, limit = 200): unknown[] {
  const found: unknown[] = [];
  let tried = 0;
  for (let start = 0; start < text.length && tried < limit; start += 1) {
    if (text[start] !== "{" && text[start] !== "[") continue;
    tried += 1;
    const end = closing(text, start);
    const parsed = end === undefined ? undefined : parseJsonText(text.slice(start, end + 1));
    if (!parsed) continue;
    found.push(parsed.value);
    start = end!;
  }
  return found;
}

function closing(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i += 1) {
    const c = text[i];
    if (inString) {
      if (c === "\\") i += 1;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === "{" || c === "[") depth += 1;
    else if ((c === "}" || c === "]") && --depth === 0) return i;
  }
  return undefined;
}
