import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readPage, ROOT } from "./markdown.ts";

const page = readPage("docs/reference/programs.md");
const source = (file: string) => readFileSync(path.join(ROOT, "src/client", file), "utf8");
/** The functions of the interface, as they are declared: two spaces, a name, a parenthesis. */
const functions = [...source("sluice.ts").matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name!);
const options = [...source("create-sluice.ts").matchAll(/^ {2}readonly (\w+)\??:/gm)].map(
  ([, name]) => name!,
);

describe("the page on programs", () => {
  it("has something to be held against", () => {
    expect(functions).toEqual(expect.arrayContaining(["push", "follow", "rollBack", "close"]));
    expect(options).toEqual(expect.arrayContaining(["databaseUrl", "url", "taskQueue"]));
  });

  it.each(functions)("has the function %s", (name) => {
    expect(page).toMatch(new RegExp(`\`(?:sluice\\.)?${name}\\b|sluice\\.${name}\\(`));
  });

  it.each(options)("has the option %s", (name) => {
    expect(page).toMatch(new RegExp(`[\`{ ]${name}[\`, }]`));
  });
});
