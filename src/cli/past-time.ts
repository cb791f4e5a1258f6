import { invalidInput } from "../domain/errors.ts";
import { parseDuration } from "../domain/quantity.ts";

/** A moment: an ISO date or time, or how long ago (`3d`, `90m`). Without a zone it is local time. */
export function parsePastTime(text: string, now: Date): Date {
  const ago = parseDuration(text.replace(/\s*ago$/, ""));
  if (ago !== undefined) return new Date(now.getTime() - ago);
  const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(
    text.trim(),
  );
  // A date alone would be read as midnight in UTC, a date with a time as local time.
  const at = new Date(
    /^\d{4}-\d{2}-\d{2}$/.test(text.trim()) ? `${text.trim()}T00:00` : text.trim().replace(" ", "T"),
  );
  if (!iso || Number.isNaN(at.getTime()))
    throw invalidInput(`"${text}" is no time: write 3d or 90m for how long ago, or 2026-01-31T18:00`, {
      given: text,
    });
  if (at > now) throw invalidInput(`"${text}" is in the future`, { given: text });
  return at;
}
