import { SluiceError } from "../../../src/domain/errors.ts";
import { jsonText } from "../../../src/terminal/json-text.ts";
import { visibleLines } from "../../../src/domain/text/visible.ts";

/** How many inputs a door is given, and from which seed on: `npm run prove -- hostile` says more, and others. */
export const INPUTS = Number(process.env["HOSTILE_INPUTS"] ?? 60);
/** The same of a door that is a whole command. */
export const COMMANDS = Number(process.env["HOSTILE_INPUTS"] ?? 6);
export const SEED = Number(process.env["HOSTILE_SEED"] ?? 1);

/** What is wrong with something that was said to somebody: an escape, a trace, a prototype that was changed. */
export function wrongWith(said: string): string | undefined {
  if (visibleLines(said) !== said)
    return `says what acts on a terminal: ${JSON.stringify(said).slice(0, 300)}`;
  if (/\n\s+at \S+.*:\d+:\d+/.test(said)) return `says a stack trace: ${said.slice(0, 300)}`;
  if ((Object.prototype as { polluted?: unknown }).polluted !== undefined) return "has changed every object";
  return undefined;
}

/** How a door took an input: undefined where well. A refusal is `invalid_input`, in one line. */
export function refusalProblem(error: unknown): string | undefined {
  if (!(error instanceof SluiceError))
    return `crashed: ${error instanceof Error ? error.stack : String(error)}`;
  if (error.code !== "invalid_input" && error.code !== "not_found")
    return `refused as ${error.code}: ${error.message}`;
  if (error.message.includes("\n")) return `refused in several lines: ${error.message}`;
  return wrongWith(error.message) ?? wrongWith(jsonText(error.details, 1));
}
