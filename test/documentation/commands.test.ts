import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/parsing/command-list.ts";
import { parseWords } from "../../src/cli/parsing/parse-words.ts";
import { commandsPage } from "../../scripts/commands-page.ts";
import { codeBlocks, PAGES, readPage } from "./markdown.ts";

/** The command cells of the reference's tables: `` `sluice push [-m MESSAGE] [PATH…]` ``. */
const rows = [...readPage("docs/reference/cli.md").matchAll(/^\| `sluice ([^`]+)` +\| (.+) \|$/gm)];
const told = rows.map(([row, usage]) => ({ name: nameIn(usage!), flags: flagsIn(row) }));

/** The ones that people type; shells ask the hidden ones. */
const typed = COMMANDS.filter((spec) => !("hidden" in spec));
const EVERYWHERE = ["--label", "--model", "--tenant", "--json", "--quiet", "--verbose"];

describe("the reference of the command line", () => {
  it("has every command, and none that does not exist", () => {
    const names = typed.map((spec) => spec.name);
    expect(told.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it.each(typed.map((spec) => [spec.name, spec] as const))("has the options of %s", (name, spec) => {
    const flags = (spec.options ?? [])
      .filter(({ hidden }) => !hidden)
      .flatMap((option) => flagsIn(option.flags))
      .filter((flag) => !EVERYWHERE.includes(flag));
    const documented = told
      .find((row) => row.name === name)
      ?.flags.filter((flag) => !EVERYWHERE.includes(flag));
    expect(documented).toEqual(expect.arrayContaining(flags));
    expect(documented!.filter((flag) => !flags.includes(flag))).toEqual([]);
  });
});

it("the reference says of every command, once, whether it goes through a server", () => {
  const section = readPage("docs/reference/cli.md").split("\n## Through a server\n")[1]!.split(/^## /m)[0]!;
  const listed = [...section.matchAll(/^\|.*\| (`.*`) \|$/gm)].flatMap(([, names]) =>
    [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );
  expect(listed.toSorted()).toEqual(typed.map(({ name }) => name).toSorted());
});

it("the page of every command is what its spec says", async () => {
  expect(readPage("docs/reference/commands.md")).toBe(await commandsPage());
});

describe("the commands that the pages show", () => {
  const lines = PAGES.flatMap((page) =>
    codeBlocks(page)
      .filter((block) => block.language === "sh")
      .flatMap((block) => block.text.split("\n"))
      .map((line) => /^(?:npm run -s sluice -- |sluice )(.+?)(?: {2,}#.*)?$/.exec(line)?.[1])
      .filter((line) => line !== undefined)
      .map((line) => [page, line] as const),
  );

  it("are found", () => {
    expect(lines.length).toBeGreaterThan(8);
  });

  it.each(lines)("are understood: %s: sluice %s", (_page, line) => {
    expect(parseWords(wordsOf(line))).toHaveProperty("spec");
  });
});

/** The longest command that a usage begins with; what is written in capitals, or optional, is no part of it. */
function nameIn(usage: string): string {
  return /^[a-z-]+(?: [a-z-]+(?= |$))*/.exec(usage)![0].replace(/ -.*$/, "");
}

function flagsIn(text: string): string[] {
  return [...new Set(text.match(/--[a-z][a-z-]*/g) ?? [])];
}

/** As a shell splits it, with `--wait` given its value as the command itself does. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
  return words.map((word) => (word === "--wait" ? "--wait=promotion" : word));
}
