/** As much of a terminal as drawing in place needs: lines that wrap, cursor up, clear below. */
export class TerminalScreen {
  readonly #columns: number;
  readonly #rows: number;
  #lines: string[] = [""];
  #row = 0;
  #column = 0;
  /** The first row that can still be reached. */
  #top = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  write(text: string): void {
    // eslint-disable-next-line no-control-regex -- that is what a terminal reads
    for (const [part, count, command] of text.matchAll(/\u001b\[(\d*)([AJm])|[^]/g)) {
      if (command === "A") this.#row = Math.max(this.#top, this.#row - Number(count || 1));
      else if (command === "J") this.#clearBelow();
      else if (part === "\r") this.#column = 0;
      else if (part === "\n") this.#newLine();
      else if (command === undefined) this.#put(part);
    }
  }

  /** All that was ever on it, what has scrolled away included; a wrapped line is several. */
  lines(): string[] {
    return this.#lines;
  }

  #put(character: string): void {
    if (this.#column >= this.#columns) this.#newLine();
    const line = (this.#lines[this.#row] ?? "").padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
    this.#column++;
  }

  #newLine(): void {
    this.#column = 0;
    this.#row++;
    if (this.#row === this.#lines.length) this.#lines.push("");
    this.#top = Math.max(this.#top, this.#row - this.#rows + 1);
  }

  #clearBelow(): void {
    this.#lines[this.#row] = (this.#lines[this.#row] ?? "").slice(0, this.#column);
    this.#lines.splice(this.#row + 1);
  }
}
