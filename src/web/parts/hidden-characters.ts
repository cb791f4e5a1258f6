/** Characters that change how a text looks without being seen: controls, directions, and what joins nothing. */
const HIDDEN = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\t\n]]/gv;

export interface Stretch {
  readonly text: string;
  /** It stands for a character that cannot be seen. */
  readonly isHidden: boolean;
}

/** A text for where it can be nothing but text, what cannot be seen in it written as `U+202E`. */
export function shownPlain(text: string): string {
  return stretchesOf(text)
    .map((stretch) => stretch.text)
    .join("");
}

/** A text in stretches, what cannot be seen in it written as `U+202E`. */
export function stretchesOf(text: string): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(HIDDEN)) {
    if (index > from) stretches.push({ text: text.slice(from, index), isHidden: false });
    const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    stretches.push({ text: `U+${code}`, isHidden: true });
    from = index + found.length;
  }
  if (from < text.length) stretches.push({ text: text.slice(from), isHidden: false });
  return stretches;
}
