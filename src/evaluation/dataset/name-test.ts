import { SluiceError } from "../../domain/errors.ts";
import type { SourceDocument } from "../../domain/prompt/source-document.ts";

/** Does `work`; an error that it throws says which test of the dataset it is about. */
export function aboutTest<T>(position: number, description: unknown, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw named(error, position, description);
  }
}

/** Checks a document that holds tests, as a list or under `tests`; an error says which of them it is about. */
export function aboutTests<T>(document: SourceDocument, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const path = error instanceof SluiceError ? (error.details["path"] as unknown[] | undefined) : undefined;
    const inTests = path?.[0] === "tests" ? path.slice(1) : path;
    const [position] = inTests ?? [];
    if (typeof position !== "number") throw error;
    const value = document.value as { tests?: unknown };
    const list = (Array.isArray(value) ? value : value.tests) as readonly unknown[] | undefined;
    throw named(error, position, (list?.[position] as { description?: unknown } | null)?.description);
  }
}

function named(error: unknown, position: number, description: unknown): unknown {
  if (!(error instanceof SluiceError)) return error;
  const name = typeof description === "string" ? `: ${description}` : "";
  return new SluiceError(error.code, `${error.message} (test ${position + 1}${name})`, error.details, {
    cause: error,
    retryable: error.retryable,
  });
}
