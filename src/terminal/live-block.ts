import { terminalLine } from "./terminal-text.ts";

const UP = (lines: number) => (lines > 0 ? `\u001b[${lines}A` : "");
const CLEAR_BELOW = "\u001b[0J";

/** A block of lines on a terminal that is drawn again in its own place. */
export class LiveBlock {
  readonly #write: (text: string) => void;
  readonly #rows: () => number;
  #drawn = 0;
  #last = "";

  constructor(write: (text: string) => void, rows: () => number) {
    this.#write = write;
    this.#rows = rows;
  }

  /** What does not fit the screen is cut: what has scrolled away cannot be drawn again. */
  draw(lines: readonly string[]): void {
    const fitting = lines.slice(0, Math.max(1, this.#rows() - 1)).map((line) => terminalLine(line, true));
    const text = fitting.join("\n");
    if (text === this.#last) return;
    this.#write(`\r${UP(this.#drawn)}${CLEAR_BELOW}${text}\n`);
    this.#drawn = fitting.length;
    this.#last = text;
  }
}
