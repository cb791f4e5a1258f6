import { describe, expect, it } from "vitest";
import { allNamesRead } from "../support/variables-read.ts";
import { readPage } from "./markdown.ts";

const read = await allNamesRead();
const page = readPage("docs/reference/operations.md");

describe("the environment", () => {
  it("is looked at", () => {
    expect(read).toEqual(expect.arrayContaining(["DATABASE_URL", "OPENAI_API_KEY", "SLUICE_TASK_QUEUE"]));
  });

  // Each key may be in a file, and a proxy's variables are read in small letters too: the page says both once.
  const names = new Set(read.map((name) => name.replace(/_FILE$/, "").toUpperCase()));
  it.each([...names].toSorted())("%s is documented", (name) => {
    expect(page.includes(`\`${name}\``)).toBe(true);
  });
});
