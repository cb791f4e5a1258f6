/** A part of a text, and the line of the whole that it begins on. */
export interface TextPiece {
  readonly text: string;
  /** From 1. */
  readonly firstLine: number;
}

/** Characters from which on it is worth it. */
const LONG = 100_000;
/** Characters of a piece: reading one takes some hundred times that in memory, which is let go while it is young. */
const PIECE = 10_000;
/** An anchor, an alias or a tag may reach over items; a document marker or a directive ends what we know. */
const REACHES_OVER = /(^|[\s[{,:-])[&*!][\w-]|^(---|\.\.\.|%)/m;

/**
 * Cuts a long YAML list between its items, so that each piece is a list of its own. Undefined where that is not
 * plainly possible, or not worth it: then the text is to be read as a whole.
 */
export function listPieces(text: string): TextPiece[] | undefined {
  if (text.length < LONG || REACHES_OVER.test(text)) return undefined;
  const pieces: TextPiece[] = [];
  let line = 0;
  let start = 0;
  let startLine = 1;
  for (let at = 0; at < text.length;) {
    line += 1;
    const end = text.indexOf("\n", at);
    const first = text[at]!;
    const isItem = first === "-" && /[ \n\r]/.test(text[at + 1] ?? "");
    // Besides items only what belongs to one stands below them, further in.
    if (!isItem && !" \n\r#".includes(first)) return undefined;
    if (isItem && at - start >= PIECE) {
      pieces.push({ text: text.slice(start, at), firstLine: startLine });
      start = at;
      startLine = line;
    }
    if (end === -1) break;
    at = end + 1;
  }
  pieces.push({ text: text.slice(start), firstLine: startLine });
  return pieces;
}
