import { describe, expect, it } from "vitest";
import { parsePastTime } from "../../../src/cli/parsing/past-time.ts";

const now = new Date("2026-03-10T12:00:00Z");

describe("a moment in the past", () => {
  it("is how long ago, or a time", () => {
    expect(parsePastTime("3d", now)).toEqual(new Date("2026-03-07T12:00:00Z"));
    expect(parsePastTime("90m ago", now)).toEqual(new Date("2026-03-10T10:30:00Z"));
    expect(parsePastTime("2026-03-01T18:00Z", now)).toEqual(new Date("2026-03-01T18:00:00Z"));
    expect(parsePastTime("2026-03-01 18:00:05+02:00", now)).toEqual(new Date("2026-03-01T16:00:05Z"));
  });

  it("is the local midnight of a date", () => {
    expect(parsePastTime("2026-03-01", now)).toEqual(new Date(2026, 2, 1));
  });

  it.each(["yesterday", "2026-02-31", "2026-13-01T00:00", "12:00", "", "2026-03-11T00:00Z"])(
    "%j is none",
    (text) => {
      expect(() => parsePastTime(text, now)).toThrow(/no time|future/);
    },
  );
});
