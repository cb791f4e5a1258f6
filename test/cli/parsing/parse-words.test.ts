import { describe, expect, it } from "vitest";
import { parseWords } from "../../../src/cli/parsing/parse-words.ts";

describe("the words of a command", () => {
  it.each([
    ["push -qm", ["a", "b.yaml"], { quiet: true, message: "a" }, [["b.yaml"]]],
    ["push --message=a=b", [], { message: "a=b" }, [[]]],
    ["push --message", ["--json"], { message: "--json" }, [[]]],
    ["push --message", ["", "--", "--json"], { message: "" }, [["--json"]]],
    ["--json list --tag a --tag", ["b"], { json: true, tag: ["a", "b"] }, [undefined]],
    ["rollout --json start", ["x@1", "--label", "a", "--label", "b"], { json: true, label: "b" }, ["x@1"]],
    [
      "simulate --effect a=1",
      ["b=2", "--json", "--effect", "c=3"],
      { effect: ["a=1", "b=2", "c=3"] },
      [undefined],
    ],
    ["simulate --effect=a=1", [], { effect: ["a=1"] }, [undefined]],
    ["dev --no-model-server", [], { modelServer: false }, []],
    ["dev", [], { modelServer: true }, []],
    ["resolve support-reply", [], { label: "production", json: false }, ["support-reply"]],
    ["audit show", ["an-id"], {}, ["an-id"]],
    ["audit", ["--json", "show", "an-id"], { json: true }, ["an-id"]],
  ])("are read: sluice %s %j", (beginning, more, options, positional) => {
    const parsed = parseWords([...beginning.split(" "), ...more]);
    expect(parsed).toMatchObject({ options });
    expect(parsed).toMatchObject({ positional });
  });

  it.each([
    [["list", "--json=yes"], "unknownOption", "unknown option '--json=yes'"],
    [["list", "-x"], "unknownOption", "unknown option '-x'"],
    [["--label", "staging", "resolve", "x"], "unknownOption", "unknown option '--label'"],
    [["list", "--__proto__"], "unknownOption", "unknown option '--__proto__'"],
    [["push", "--message"], "optionMissingArgument", "option '-m, --message <text>' argument missing"],
    [["rollout", "start", "x@1", "--wait", "soon"], "invalidArgument", "argument 'soon' is invalid"],
    [["rollout", "--json"], "help", "name a command of rollout: start"],
    [["--json"], "help", "name a command; see: sluice --help"],
  ])("are refused with a kind for programs: sluice %j", (words, usage, mistake) => {
    expect(parseWords(words)).toEqual({ usage, mistake: expect.stringContaining(mistake) });
  });
});
