/**
 * What a terminal or a reader does not see as it is: control characters (escape sequences begin with one),
 * format characters (bidirectional controls, zero-width ones, tags), halves of surrogate pairs, separators of
 * lines and paragraphs, and fillers without a glyph. Arabic number signs are format characters that show.
 */
const UNSEEN = /(?![\u0600-\u0605\u06dd])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** The joiner inside one emoji of several, as in a family: the only zero-width character that shows as something. */
const EMOJI_JOINER =
  /(?<=\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d(?=\p{Extended_Pictographic})/gu;
const KEPT = "\ue000";

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Characters of a received value that a message repeats. */
const MAX_SHOWN = 40;

/** Foreign text for one line of a terminal or a message: whatever would act, hide or reorder is written as its escape. */
export function visible(text: string): string {
  return escaped(text, (one) => NAMED[one] ?? escapeOf(one));
}

/** Foreign text of several lines: its line ends and tabs stay. */
export function visibleLines(text: string): string {
  return escaped(text.replaceAll("\r\n", "\n"), (one) =>
    one === "\n" || one === "\t" ? one : (NAMED[one] ?? escapeOf(one)),
  );
}

function escaped(text: string, escape: (one: string) => string): string {
  // Almost every text has nothing to escape.
  if (text.search(UNSEEN) === -1) return text;
  if (!text.includes("\u200d") || text.includes(KEPT)) return text.replace(UNSEEN, escape);
  return text.replace(EMOJI_JOINER, KEPT).replace(UNSEEN, escape).replaceAll(KEPT, "\u200d");
}

function escapeOf(one: string): string {
  const hex = one.codePointAt(0)!.toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}

/** At most `most` characters of a text, with `…` where there are more; never half of a character. */
export function cut(text: string, most: number = MAX_SHOWN): string {
  if (text.length <= most) return text;
  const characters = Array.from(text.slice(0, 2 * most + 2));
  return characters.length <= most && text.length <= 2 * most + 2
    ? text
    : `${characters.slice(0, most).join("")}…`;
}

/**
 * A received value for a message: a short text in quotes, a number as it is, anything else by its kind. Never
 * more than 40 characters of it: what somebody sent by mistake may be a secret.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") return `"${visible(cut(value))}"`;
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === undefined)
    return String(value);
  if (typeof value === "bigint") return cut(String(value));
  return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}

/** A message that somebody else wrote, with no quotation in it longer than what a message repeats. */
export function withQuotesCut(message: string): string {
  return message.replace(/"([^"]+)"/g, (whole, quoted: string) => {
    const short = cut(quoted);
    return short === quoted ? whole : `"${short}"`;
  });
}
