import { describe, expect, it } from "vitest";
import { readRateLimits } from "../../../src/domain/access/rate-limits.ts";

describe("SLUICE_LIMITS", () => {
  it("is a list of classes with their numbers; what is left out stays as it is", () => {
    expect(readRateLimits("read=500, write=0.5", "SLUICE_LIMITS")).toEqual({ read: 500, write: 0.5 });
    expect(readRateLimits("", "SLUICE_LIMITS")).toEqual({});
  });

  it.each(["read", "read=", "read=0", "read=-1", "reads=5", "read=1e3", "read=5/s", "free=5"])(
    "refuses %s, by its name",
    (text) => {
      expect(() => readRateLimits(text, "SLUICE_LIMITS")).toThrow(/^SLUICE_LIMITS says .*does not$/);
    },
  );
});
