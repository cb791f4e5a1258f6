import { invalidInput } from "../../domain/errors.ts";
import { RequestRefused } from "./problem.ts";

/** Levels of lists and objects in a body: whatever walks them by recursion has room for these. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Refuses a JSON text that is nested too deeply (`invalid_input`), before anything parses it. */
export function assertShallow(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH)
        throw invalidInput(`the body is nested more than ${MAX_DEPTH} levels deep`, { at: "body" });
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
}

/** Nearly all strings are shorter, and looking at a character costs less than asking for the next quote. */
const SHORT = 32;

/** Where the string that begins at a quote ends; the text's end where it does not. */
function endOfString(text: string, start: number): number {
  const near = Math.min(text.length, start + SHORT);
  for (let at = start + 1; at < near; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    // What is escaped is no quote, and may lie behind what is near.
    if (code === BACKSLASH) at++;
  }
  return endOfLongString(text, start);
}

function endOfLongString(text: string, start: number): number {
  for (let at = start + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

/** A body that came as text, parsed; `invalid_input` where it is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestRefused("invalid_input", "the body is no JSON");
  }
}

/** What may be the name of a prototype, in letters that are escaped. */
const ESCAPED_LETTER = /\\u00[4-7]/;

/**
 * A body that came as text, parsed: undefined where it is no JSON, nested too deeply, or may be meant to reach a
 * prototype, all of which is for others to judge.
 */
export function harmlessJson(text: string): unknown {
  if (text.includes("__proto__") || text.includes("constructor")) return undefined;
  // Nearly no text has an escape at all, and seeing that is cheaper than the expression.
  if (text.includes("\\u00") && ESCAPED_LETTER.test(text)) return undefined;
  try {
    assertShallow(text);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
