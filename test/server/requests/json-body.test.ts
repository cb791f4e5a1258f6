import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertShallow } from "../../../src/server/requests/json-body.ts";

/** Texts that look like structure, and are of every length beside that at which another way of looking begins. */
const words = fc
  .array(fc.constantFrom('"', "\\", "[", "]", "{", "}", "a", "é", "\n"), { maxLength: 70 })
  .map((parts) => parts.join(""));

const nested = (levels: number, text: string) => {
  let value: unknown = [text];
  for (let level = 1; level < levels; level++)
    value = level % 2 === 0 ? [text, value, text] : { [text]: value };
  return JSON.stringify(value);
};

describe("the depth of a body", () => {
  it("is that of its lists and objects, whatever its texts look like", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 128 }), (text, levels) => {
        const judge = () => assertShallow(nested(levels, text));
        if (levels > 64) expect(judge).toThrow("the body is nested more than 64 levels deep");
        else expect(judge).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it("is looked at to the end of what is no JSON, too", () => {
    for (const text of ['{"a', '"\\', '["\\"', `"${"a".repeat(100)}\\"`, "", "]]]]"])
      expect(() => assertShallow(text)).not.toThrow();
    expect(() => assertShallow("[".repeat(65))).toThrow("64 levels");
  });
});
