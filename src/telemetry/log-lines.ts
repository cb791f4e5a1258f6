import { visible } from "../domain/text/visible.ts";
import type { Part } from "./count-happenings.ts";
import type { LogFormat } from "./log-format.ts";

export type LogLevel = "info" | "warn" | "error";

/** What a line says beside its message. Never a key, a unit, a value or the text of a prompt. */
export interface LogFields {
  /** `info` unless it says otherwise. */
  readonly level?: LogLevel;
  readonly rolloutId?: string | undefined;
  readonly prompt?: string | undefined;
  /** As `support-reply@7`. */
  readonly version?: string | undefined;
  readonly requestId?: string | undefined;
  /** Of W3C trace context, 32 hexadecimal digits. */
  readonly traceId?: string | undefined;
  readonly [name: string]: unknown;
}

/** Says something in a process's log. */
export type Log = (message: string, fields?: LogFields) => void;

export interface LogOptions {
  readonly part: Part;
  readonly format: LogFormat;
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  /** The trace that what runs belongs to, where traces are made. */
  readonly traceId?: (() => string | undefined) | undefined;
}

/** The log of a process, every line of which has the form that docs/reference/operations.md lists. */
export function createLog({ part, format, write, traceId }: LogOptions): Log {
  return (message, { level = "info", ...fields } = {}) => {
    if (format === "plain") return write(visible(plain(message, fields)));
    const time = new Date().toISOString();
    const trace = fields.traceId ?? traceId?.();
    write(
      JSON.stringify({
        time,
        level,
        part,
        message,
        ...fields,
        ...(trace !== undefined && { traceId: trace }),
      }),
    );
  };
}

/** The message, and in brackets what it is about where it does not say so itself. */
function plain(message: string, fields: LogFields): string {
  const about = ["prompt", "version", "rolloutId", "requestId", "traceId", "error"].flatMap((name) => {
    const value = fields[name];
    if (value === undefined || value === null) return [];
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return message.includes(text) ? [] : [`${name} ${text}`];
  });
  return about.length === 0 ? message : `${message} (${about.join(", ")})`;
}
