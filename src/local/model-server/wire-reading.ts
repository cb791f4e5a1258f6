import { invalidInput } from "../../domain/errors.ts";

export function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidInput(`${where}: must be an object`);
  return value as Record<string, unknown>;
}

export function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw invalidInput(`${where}: must be a list`);
  return value;
}

export function optionalNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The text of a message's content: a string, or the text parts of a list (tool results within them too). */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: { text?: unknown; content?: unknown }) =>
      typeof part.text === "string" ? part.text : part.content === undefined ? "" : contentText(part.content),
    )
    .join("");
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
