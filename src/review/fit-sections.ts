/** A part of a comment that stands or is left out as a whole. */
export interface Section {
  /** In a few words, for the line that says what was left out. */
  readonly title: string;
  readonly text: string;
}

/** Titles that the last line names. */
const MAX_TITLES = 10;
/** Room for that line. */
const ROOM = 1_000;

/**
 * As many sections as fit, in their order; a last line names the others. Each stands whole, so that no table, fence or
 * fold is cut open. The first stands always: where it alone is too long, it ends at a line.
 *
 * @param most characters, as JavaScript counts them: never fewer than those that a host counts
 */
export function fitSections(sections: readonly Section[], most: number, restAt?: string): string {
  const whole = `${sections.map(({ text }) => text.trimEnd()).join("\n\n")}\n`;
  if (whole.length <= most) return whole;
  const [first, ...rest] = sections;
  const kept = [wholeLines(first!.text.trimEnd(), most - ROOM)];
  let left = most - ROOM - kept[0]!.length;
  const out: string[] = [];
  for (const { title, text } of rest) {
    const length = text.trimEnd().length + 2;
    if (length > left) out.push(title);
    else {
      kept.push(text.trimEnd());
      left -= length;
    }
  }
  const names = out.slice(0, MAX_TITLES).map((title) => title.slice(0, 60));
  const more = out.length > MAX_TITLES ? `, and ${out.length - MAX_TITLES} more` : "";
  const where = restAt === undefined ? "" : `; ${restAt}`;
  return `${kept.join("\n\n")}\n\nLeft out, since it does not fit here: ${names.join(", ")}${more}${where}\n`;
}

function wholeLines(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf("\n", most);
  return `${text.slice(0, end === -1 ? most : end)}\n\n…`;
}
