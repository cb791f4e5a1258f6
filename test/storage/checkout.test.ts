import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

describe("a migration", () => {
  it("has the same bytes, and so the same hash, in a checkout with Windows line ends", () => {
    const attributes = readFileSync(new URL("../../.gitattributes", import.meta.url), "utf8");
    expect(attributes).toMatch(/^\* text=auto eol=lf$/m);
  });
});
