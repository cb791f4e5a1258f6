import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../src/cli/parsing/command-list.ts";
import { parseWords } from "../../../src/cli/parsing/parse-words.ts";
import { runSluice } from "../run-sluice.ts";

const typed = COMMANDS.filter((spec) => !("hidden" in spec)).map(({ name }) => name);
const mistakeIn = (...words: string[]) => {
  const parsed = parseWords(words);
  return "mistake" in parsed ? parsed.mistake : undefined;
};

describe("a wrong word", () => {
  it.each(typed)("is named, with where to read on: sluice %s --nonsense", (name) => {
    const said = mistakeIn(...name.split(" "), "--nonsense");
    expect(said).toBe(`unknown option '--nonsense'; see: sluice ${name} --help`);
  });

  it.each(typed)("is told from the one that was meant: sluice %s --jsn", (name) => {
    expect(mistakeIn(...name.split(" "), "--jsn")).toContain("did you mean --json?");
  });

  it.each(typed.filter((name) => !takesNames(name)))("is a command that was meant: %s", (name) => {
    const [first, ...more] = name.split(" ");
    const wrong = [...more.slice(0, -1), `${more.at(-1) ?? first}x`];
    const words = more.length > 0 ? [first!, ...wrong] : wrong;
    expect(mistakeIn(...words)).toContain(`did you mean ${more.at(-1) ?? first}?`);
  });

  it.each(["list", "rollout start"])("is an argument too many, or too few: sluice %s", (name) => {
    const words = [...name.split(" "), "a@1", "b@1"];
    expect(mistakeIn(...words)).toContain("too many arguments");
    expect(mistakeIn("rollout", "start")).toContain("missing required argument 'version'");
  });

  it("is an option that must be given, and was mistyped", () => {
    expect(mistakeIn("rollback", "support-reply", "--resaon", "bad")).toContain("did you mean --reason?");
    expect(mistakeIn("rollback", "support-reply")).toContain("required option '--reason <text>'");
  });

  it("is the second of two, of which the first was left out", () => {
    expect(mistakeIn("start", "support-reply@2")).toContain("'start'; did you mean rollout start?");
    expect(mistakeIn("set")).toMatch(/did you mean (\w+ set or )+\w+ set\?/);
  });

  it("is one line, with code 2, and a document with --json", async () => {
    for (const words of [["rolout"], ["list", "--nonsense"], ["rollout", "start"], ["rollout"]]) {
      const plain = await runSluice(words);
      expect(plain).toMatchObject({ code: 2, stdout: "" });
      expect(plain.stderr.trim().split("\n")).toHaveLength(1);
      const json = await runSluice([...words, "--json"]);
      expect(json.code).toBe(2);
      expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "invalid_input" } });
    }
  });
});

/** Behind a command that takes a name anything may be one: `audit shwo` asks for a prompt. */
function takesNames(name: string): boolean {
  const [first, ...more] = name.split(" ");
  return more.length > 0 && COMMANDS.some((spec) => spec.name === first);
}
