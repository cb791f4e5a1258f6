import { expect, it } from "vitest";
import { storableJson } from "../../src/storage/storable-json.ts";

it("what is stored as JSON never holds a NUL or half of a character, whatever a model wrote, and is otherwise as it was", () => {
  const back = (value: unknown) => JSON.parse(storableJson(value)) as unknown;
  expect(back("half \ud83d")).toBe("half \ufffd");
  expect(back({ "key\udc00": ["a\0b", { c: "\ud83d\ude00 whole" }] })).toEqual({
    "key\ufffd": ["a\ufffdb", { c: "😀 whole" }],
  });
  // What only looks like an escape is a text of its own.
  for (const text of ["\\u0000", "\\ud83d", "\\\\ud83d", '\\"', "a\\"]) expect(back(text)).toBe(text);
  expect(storableJson("\ud83d")).not.toMatch(/\\u/);
});
