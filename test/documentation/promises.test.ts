import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readPage, ROOT } from "./markdown.ts";

const page = readPage("docs/reference/server-promises.md");
const rows = [...page.matchAll(/^\| (?:(\d+) *\|)?.*\| `([^`]+)`: (.*?) \|$/gm)];
const proofs = [page, readPage("docs/reference/invoke-promises.md")].flatMap((one) => [
  ...one.matchAll(/^\|.*\| `npm run prove -- (\S+)((?: \w+)*)` \|$/gm),
]);

describe("a promise of the server, or of a model call", () => {
  it("is each of seventeen, with a test", () => {
    const numbers = rows.flatMap(([, number]) => (number ? [Number(number)] : []));
    expect(numbers).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
  });

  it.each(proofs.map(([, name, parts]) => [name!, parts!.trim()]))(
    "has the proof %s, with its parts (%s)",
    (name, parts) => {
      const text = readFileSync(path.join(ROOT, "scripts", "proofs", `${name}.ts`), "utf8");
      for (const part of parts.split(" ").filter(Boolean))
        expect(text).toMatch(new RegExp(`^  ${part}: prove`, "m"));
    },
  );

  it.each(rows.map(([, , file, words]) => [file!, words!]))("is shown in %s: %s", (file, words) => {
    expect(readFileSync(path.join(ROOT, file), "utf8")).toContain(words);
  });
});

const journeys = [
  ...readPage("docs/reference/dashboard-promises.md").matchAll(/^\| (\d+) \| (.*) \| `([^`]+)` \|$/gm),
].map(([, number, sentence, file]) => ({ number: Number(number), sentence: sentence!, file: file! }));

describe("a promise of the dashboard", () => {
  it("stands once on its page, in order", () => {
    const numbers = journeys.map(({ number }) => number);
    expect(numbers.length).toBeGreaterThanOrEqual(35);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  });

  it.each(journeys)("$number is the name of a test: $sentence", ({ sentence, file }) => {
    const text = readFileSync(path.join(ROOT, file), "utf8").replaceAll(/\bit\(\s+/g, "it(");
    expect(text).toContain(`it("${sentence}"`);
  });
});

describe.each([
  ["prompts in Git", "git-promises", 24],
  ["versions, pointers and rollouts", "promises", 11],
  ["a model call", "invoke-promises", 8],
])("a promise of %s", (_, name, least) => {
  const promises = [
    ...readPage(`docs/reference/${name}.md`).matchAll(/^\| *(\d*) *\|.*\| `([^`]+)`: (.*?) \|$/gm),
  ].map(([, number, file, words]) => ({ number: Number(number), file: file!, words: words! }));

  it("stands once on its page, in order", () => {
    const numbers = promises.flatMap(({ number }) => number || []);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(least);
  });

  it.each(promises)("is shown in $file: $words", ({ file, words }) => {
    expect(readFileSync(path.join(ROOT, file), "utf8")).toContain(words);
  });
});

const losses = [
  ...readPage("docs/reference/operations.md").matchAll(/^\| ([^|]+) \|(?:[^|]+\|){3} `([^`]+)`: (.*?) \|$/gm),
].map(([, what, file, words]) => ({ what: what!, file: file!, words: words! }));

describe("what the loss of a part stops", () => {
  it("stands on the page for each part", () => {
    expect(losses.length).toBeGreaterThanOrEqual(15);
  });

  it.each(losses)("is shown for $what", ({ file, words }) => {
    expect(readFileSync(path.join(ROOT, file), "utf8")).toContain(words);
  });
});
