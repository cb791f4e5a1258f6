import { invalidInput } from "../../domain/errors.ts";
import { parseDuration } from "../../domain/policy/quantity.ts";
import { shown } from "../../domain/text/visible.ts";

/** A moment: an ISO date or time, or how long ago (`3d`, `90m`). Without a zone it is local time. */
export function parsePastTime(text: string, now: Date): Date {
  const ago = parseDuration(text.replace(/\s*ago$/, ""));
  if (ago !== undefined) return new Date(now.getTime() - ago);
  const written = text.trim();
  const iso =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(written);
  // A date alone would be read as midnight in UTC, a date with a time as local time.
  const at = new Date(written.length === 10 ? `${written}T00:00` : written.replace(" ", "T"));
  if (!iso || !isDay(iso) || Number.isNaN(at.getTime()))
    throw invalidInput(`${shown(text)} is no time: write 3d or 90m for how long ago, or 2026-01-31T18:00`, {
      given: text,
    });
  if (at > now) throw invalidInput(`${shown(text)} is in the future`, { given: text });
  return at;
}

/** False for the 31st of February, which Date would take for a day of March. */
function isDay([, year, month, day]: readonly string[]): boolean {
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}
