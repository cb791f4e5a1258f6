import { describe, expect, it } from "vitest";
import { listPieces } from "../../../src/evaluation/dataset/list-pieces.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";

const N = 900;
const item = (i: number) =>
  `- description: number ${i}\n  vars:\n    text: |\n      - not an item ${"x".repeat(60)}\n\n  # remark\n  assert: [{ type: equals, value: "${i}" }]\n`;
const long = Array.from({ length: N }, (_, i) => item(i)).join("");

describe("a long list of cases", () => {
  it("is cut between items, losing nothing", () => {
    const pieces = listPieces(long)!;
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.map(({ text }) => text).join("")).toBe(long);
    for (const { text, firstLine } of pieces) {
      expect(text).toMatch(/^- description/);
      expect(long.split("\n")[firstLine - 1]).toBe(text.split("\n")[0]);
    }
  });

  it("is read as it would be in one, with the lines of the whole", () => {
    const { cases } = parseDataset(long, "long.yaml");
    expect(cases).toHaveLength(N);
    expect(cases.map(({ description }) => description)).toEqual(
      Array.from({ length: N }, (_, i) => `number ${i}`),
    );
    expect(cases[N - 1]!.where).toBe(`long.yaml:${7 * (N - 1) + 1}:3`);
    expect(cases[N - 1]!.vars["text"]).toContain("- not an item");
  });

  it("names what is wrong by its number in the whole list", () => {
    const wrong = long.replace("description: number 850", "descriptoin: number 850");
    expect(() => parseDataset(wrong, "long.yaml")).toThrow(
      /^long\.yaml:5951:3: unknown key "850\.descriptoin"/,
    );
  });

  it.each([
    ["an anchor", `- &one { vars: { a: b } }\n${long}`],
    ["a document marker", `---\n${long}`],
    ["an object", `tests:\n${long}`],
    ["short", item(1)],
  ])("is read as a whole when it has or is %s", (_, text) => {
    expect(listPieces(text)).toBeUndefined();
  });
});
