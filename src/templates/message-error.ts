import { invalidInput, SluiceError } from "../domain/errors.ts";
import type { Role } from "../domain/prompt/artifact.ts";
import { templateProblem } from "./template-error.ts";

/** What reads a template of a message, its problem naming the message. */
export function inTemplate<T>(index: number, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    const found = templateProblem(error);
    if (!found) throw error;
    throw invalidInput(`message ${index + 1}, line ${found.line}, column ${found.column}: ${found.problem}`, {
      message: index,
      ...found,
    });
  }
}

/** A message as messages call it: `message 1 (system)`. */
export function place({ index, role }: { readonly index: number; readonly role: Role }): string {
  return `message ${index + 1} (${role})`;
}

/** The error, naming the message that it is about. */
export function inMessage(error: unknown, part: { readonly index: number; readonly role: Role }): unknown {
  if (!(error instanceof SluiceError)) return error;
  return new SluiceError(error.code, `${place(part)}: ${error.message}`, {
    ...error.details,
    message: part.index,
  });
}
