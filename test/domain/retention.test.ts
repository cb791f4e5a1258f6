import { describe, expect, it } from "vitest";
import { readRetention, USUAL_RETENTION } from "../../src/domain/retention.ts";

describe("periods of retention", () => {
  it("are the usual ones but for what is named", () => {
    expect(readRetention("", "SLUICE_RETENTION")).toEqual(USUAL_RETENTION);
    expect(readRetention("outcomes=31d, usage=forever", "SLUICE_RETENTION")).toEqual({
      ...USUAL_RETENTION,
      outcomes: 31,
      usage: null,
    });
  });

  it.each([
    "outcomes",
    "outcomes=",
    "outcomes=30",
    "outcomes=1y",
    "outcomes=30d",
    "audit=90d",
    "usage=99999d",
    "=\u001b[2J",
  ])("%j is refused, with what to write", (text) => {
    const read = () => readRetention(text, "SLUICE_RETENTION");
    expect(read).toThrow(/^SLUICE_RETENTION: .*(write for example outcomes=60d|at least 31d)/);
    expect(read).not.toThrow("\u001b");
  });
});
