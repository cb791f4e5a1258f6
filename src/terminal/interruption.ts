import { EXIT } from "./exit-codes.ts";

export type Interrupt = "SIGINT" | "SIGTERM";

/** What a command ends with that was told to stop before it was done. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: Interrupt;

  constructor(message: string, { reason }: Pick<AbortSignal, "reason">) {
    super(message);
    this.signal = reason === "SIGTERM" ? "SIGTERM" : "SIGINT";
  }
}

/** The signal that aborted a command's work; undefined where nothing did, or something else (its reader has gone). */
export function interruptOf({ aborted, reason }: AbortSignal): Interrupt | undefined {
  return aborted && (reason === "SIGINT" || reason === "SIGTERM") ? reason : undefined;
}

/** Of a command that ends at once: whatever it had not committed has not happened. */
export const AT_ONCE = "interrupted: what it had done stands, the rest has not happened";

export function interruptExitCode(signal: Interrupt): number {
  return signal === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
}

/** For programs: in one line, so that it is a document, and a line of a stream. */
export function interruptionJson(message: string, signal: Interrupt): string {
  return `${JSON.stringify({ error: { code: "interrupted", message, details: { signal } } })}\n`;
}

/** What a signal does, from the first moment on; a command that runs puts its own in the place of this. */
let handler = (signal: Interrupt): void => {
  if (process.argv.includes("--json")) process.stdout.write(interruptionJson(AT_ONCE, signal));
  process.stderr.write(`${AT_ONCE}\n`);
  process.exit(interruptExitCode(signal));
};

export function listenForInterrupts(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => handler(signal));
}

export function handleInterrupts(instead: (signal: Interrupt) => void): void {
  handler = instead;
}
