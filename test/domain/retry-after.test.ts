import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../src/domain/retry-after.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");
const of = (value?: string) =>
  retryAfterMs(new Headers(value === undefined ? {} : { "retry-after": value }), NOW);

describe("how long an answer says to wait", () => {
  it.each([
    ["0", 0],
    ["3", 3_000],
    ["0.5", 500],
    ["2026", 2_026_000],
    ["Fri, 01 May 2026 12:00:07 GMT", 7_000],
    ["Friday, 01-May-26 12:00:07 GMT", 7_000],
    ["Fri, 01 May 2026 11:59:00 GMT", 0],
  ])("is told by %s", (value, ms) => {
    expect(of(value)).toBe(ms);
  });

  it.each([undefined, "", "soon", "-1", "1e9x", "Infinity", "NaN"])("is not told by %s", (value) => {
    expect(of(value)).toBeUndefined();
  });
});
