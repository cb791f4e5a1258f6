/**
 * How long an answer's `Retry-After` says to wait, in ms: it names seconds or the date when it is over (RFC 9110, 10.2.3).
 * Undefined where there is none that says so.
 *
 * @param now in ms since the epoch
 */
export function retryAfterMs(
  headers: { get(name: string): string | null | undefined },
  now: number,
): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (!text) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  // It parses, and asks no clock.
  // oxlint-disable-next-line no-restricted-globals
  const until = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}
