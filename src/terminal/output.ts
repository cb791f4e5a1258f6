import { jsonText } from "./json-text.ts";
import type { Failure } from "./failure.ts";
import { visible } from "../domain/text/visible.ts";
import { createPaint, type Paint } from "./paint.ts";
import { terminalLine } from "./terminal-text.ts";
import { wrap } from "./text-layout.ts";
import { type Interrupt, interruptionJson } from "./interruption.ts";

export interface OutputOptions {
  readonly json: boolean;
  /** What the environment says of colour; undefined: up to the terminal. */
  readonly color: boolean | undefined;
  /** No progress on stderr. */
  readonly quiet: boolean;
  /** Called once when the reader of stdout has gone away. */
  readonly onReaderGone: () => void;
}

const NARROW = 80;

/**
 * Results go to stdout, as text or as JSON; everything else to stderr. Nothing else writes to either, and
 * no foreign text acts on a terminal: what would is written out. JSON is exact: it reads back the same.
 */
export class Output {
  readonly json: boolean;
  readonly #color: boolean | undefined;
  readonly #quiet: boolean;
  #readerGone = false;
  #documented = false;

  constructor({ json, color, quiet, onReaderGone }: OutputOptions) {
    this.json = json;
    this.#color = color;
    this.#quiet = quiet;
    // Whoever reads may go at any time (`sluice list | head -1`): that is no failure of the command.
    for (const stream of [process.stdout, process.stderr])
      stream.on("error", (error: NodeJS.ErrnoException) => {
        if (stream === process.stderr) return;
        if (this.#readerGone) return;
        this.#readerGone = true;
        if (error.code !== "EPIPE") {
          process.stderr.write(`sluice: stdout cannot be written (${error.code})\n`);
          process.exitCode = 5;
        }
        onReaderGone();
      });
  }

  /** True when stdout is a terminal that can be drawn on. */
  get live(): boolean {
    return !this.json && process.stdout.isTTY;
  }

  /** Columns of the terminal; 80 where the result is piped. */
  get width(): number {
    return process.stdout.isTTY ? Math.max(20, process.stdout.columns || NARROW) : NARROW;
  }

  get color(): boolean {
    return this.#color ?? process.stdout.isTTY;
  }

  get paint(): Paint {
    return createPaint(this.color);
  }

  /** The one result: the value with `--json`, else the lines. */
  result(value: unknown, lines: () => readonly string[]): void {
    this.#documented = true;
    if (this.json) this.#write(`${jsonText(value, 2)}\n`);
    else this.lines(lines());
  }

  /** A result that is a file's text: exact where it is piped into one, made visible on a terminal. */
  fileResult(value: unknown, text: () => string): void {
    if (this.json || process.stdout.isTTY) this.result(value, () => text().trimEnd().split("\n"));
    else {
      this.#documented = true;
      this.#write(text());
    }
  }

  /** One element of a stream: a JSON line, or lines of text. */
  event(value: unknown, lines: () => readonly string[]): void {
    if (this.json) this.#write(`${jsonText(value)}\n`);
    else this.lines(lines());
  }

  lines(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.map((line) => terminalLine(line, this.color)).join("\n")}\n`);
  }

  /** Terminal control, with lines that have been through `terminalLine`. */
  raw(text: string): void {
    this.#write(text);
  }

  /** What is going on, on stderr; silent with `--quiet`. */
  progress(line: string): void {
    if (!this.#quiet) this.note(line);
  }

  /** Draws one line of progress over the last one; false where stderr is no terminal. */
  drawProgress(line: string): boolean {
    if (!process.stderr.isTTY) return false;
    if (!this.#quiet)
      process.stderr.write(
        `\r\u001b[K${visible(line).slice(0, Math.max(20, process.stderr.columns || NARROW) - 1)}`,
      );
    return true;
  }

  /** What a user should know although the command goes on. */
  note(line: string): void {
    const width = process.stderr.isTTY ? Math.max(20, process.stderr.columns || NARROW) : Infinity;
    const lines = line.length <= width ? [visible(line)] : wrap(line, width);
    process.stderr.write(`${lines.join("\n")}\n`);
  }

  /** One line on stderr, and with `--json` the error as the document on stdout. */
  failure({ code, message, details }: Failure): void {
    if (this.json) this.#write(`${jsonText({ error: { code, message, details } }, 2)}\n`);
    const paint = createPaint(this.#color ?? process.stderr.isTTY);
    process.stderr.write(`${paint.red("sluice:")} ${visible(message)}\n`);
  }

  /** What a command says that was told to stop; with `--json` a document, unless its own is there already. */
  interruption(message: string, signal: Interrupt): void {
    if (this.json && !this.#documented) this.#write(interruptionJson(message, signal));
    process.stderr.write(`${visible(message)}\n`);
  }

  #write(text: string): void {
    if (!this.#readerGone) process.stdout.write(text);
  }
}
