import { describe, expect, it } from "vitest";
import { timeOrderedId } from "../../../src/resolver/recording/time-ordered-id.ts";

describe("a time-ordered id", () => {
  it("is a UUID of version 7 that says when it was made", () => {
    const before = Date.now();
    const id = timeOrderedId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const at = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it("is never the same twice", () => {
    const ids = Array.from({ length: 10_000 }, timeOrderedId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
