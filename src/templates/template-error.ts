import { SluiceError } from "../domain/errors.ts";

/** What is wrong with a template, and where in its text (both from 1). */
export interface TemplateProblem {
  readonly problem: string;
  readonly line: number;
  readonly column: number;
}

/** An `invalid_input` error at an offset of a template's text; `details` is a {@link TemplateProblem}. */
export function templateError(problem: string, source: string, offset: number): SluiceError {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - (before.lastIndexOf("\n") + 1) + 1;
  return new SluiceError("invalid_input", `line ${line}, column ${column}: ${problem}`, {
    problem,
    line,
    column,
  });
}

/** The problem inside an error that {@link templateError} made; anything else is not a template's fault. */
export function templateProblem(error: unknown): TemplateProblem | undefined {
  if (!(error instanceof SluiceError) || error.code !== "invalid_input") return undefined;
  const { problem, line, column } = error.details;
  if (typeof problem !== "string" || typeof line !== "number" || typeof column !== "number") return undefined;
  return { problem, line, column };
}
