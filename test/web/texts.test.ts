import { describe, expect, it } from "vitest";
import { diffLines } from "../../src/domain/prompt/version-diff.ts";
import { stretchesOf } from "../../src/web/parts/hidden-characters.ts";
import { rowsOf } from "../../src/web/screens/compare/diff-rows.ts";
import { placeholdersIn } from "../../src/web/screens/version/placeholders.ts";

describe("a text that somebody else wrote", () => {
  it("has what cannot be seen in it written out, and its line breaks and tabs as they are", () => {
    expect(stretchesOf("a\u202Eb\n\tc\u200B")).toEqual([
      { text: "a", isHidden: false },
      { text: "U+202E", isHidden: true },
      { text: "b\n\tc", isHidden: false },
      { text: "U+200B", isHidden: true },
    ]);
  });

  it("shows where a template puts values in, in each syntax", () => {
    expect(placeholdersIn("Hi {{ user.name | upper }}{% if x %}!{# no #}", "jinja")).toEqual([
      { text: "Hi ", kind: undefined },
      { text: "{{ user.name | upper }}", kind: "value", variable: "user" },
      { text: "{% if x %}", kind: "statement" },
      { text: "!", kind: undefined },
      { text: "{# no #}", kind: "comment" },
    ]);
    expect(placeholdersIn("{{#each}}{{{raw}}}", "mustache").map(({ kind }) => kind)).toEqual([
      "statement",
      "value",
    ]);
    expect(placeholdersIn("$name ${other} 5 $", "dollar").flatMap(({ variable = [] }) => variable)).toEqual([
      "name",
      "other",
    ]);
  });
});

describe("a comparison of lines", () => {
  const lines = (count: number, change?: number) =>
    Array.from({ length: count }, (_, index) => (index === change ? "a new line" : `line ${index}`));

  it("folds what is the same, but for two lines around a change", () => {
    const rows = rowsOf(diffLines(lines(20), lines(20, 10)));
    expect(rows.map(({ kind }) => kind)).toEqual([
      "folded",
      "same",
      "same",
      "changed",
      "same",
      "same",
      "folded",
    ]);
    expect(rows[0]).toMatchObject({ lines: lines(8) });
  });

  it("puts a line beside the one that took its place, and marks the words that differ", () => {
    expect(rowsOf(diffLines(["Be very polite."], ["Be brief."]))).toEqual([
      {
        kind: "changed",
        begins: true,
        before: [
          { kind: "same", text: "Be" },
          { kind: "removed", text: " very polite." },
        ],
        after: [
          { kind: "same", text: "Be" },
          { kind: "added", text: " brief." },
        ],
      },
    ]);
  });

  it("leaves the other side empty where a line is new or gone", () => {
    expect(rowsOf(diffLines(["a"], ["a", "b"])).at(-1)).toMatchObject({ before: undefined });
    expect(rowsOf(diffLines(["a", "b"], ["a"])).at(-1)).toMatchObject({ after: undefined });
  });
});
