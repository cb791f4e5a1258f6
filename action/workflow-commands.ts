import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";

export type Level = "notice" | "warning" | "error";

export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly title?: string;
}

/** A line that the runner shows with the job, and at a line of a file where one is named. */
export function annotation(level: Level, message: string, place: Place = {}): string {
  const properties = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${level}${properties.length > 0 ? ` ${properties.join(",")}` : ""}::${escapeData(message)}`;
}

/** Runs `work` while the runner takes nothing that is printed for a command: foreign text may look like one. */
export async function withoutCommands<T>(work: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  process.stdout.write(`::stop-commands::${token}\n`);
  try {
    return await work();
  } finally {
    process.stdout.write(`::${token}::\n`);
  }
}

/** Sets an output of the step. */
export function setOutput(file: string | undefined, name: string, value: string): void {
  if (file === undefined) return;
  const end = `end-${randomUUID()}`;
  appendFileSync(file, `${name}<<${end}\n${value}\n${end}\n`);
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
