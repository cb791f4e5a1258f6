import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readPage, ROOT } from "./markdown.ts";

const rows = [
  ...readPage("docs/reference/server-promises.md").matchAll(/^\| (\d*) *\|.*\| `([^`]+)`: (.*?) \|$/gm),
];

describe("a promise of the server", () => {
  it("is each of seventeen, with a test", () => {
    const numbers = rows.flatMap(([, number]) => (number ? [Number(number)] : []));
    expect(numbers).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
  });

  it.each(rows.map(([, , file, words]) => [file!, words!]))("is shown in %s: %s", (file, words) => {
    expect(readFileSync(path.join(ROOT, file), "utf8")).toContain(words);
  });
});
