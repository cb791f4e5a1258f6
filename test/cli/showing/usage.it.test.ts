import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../src/cli/parsing/command-list.ts";
import { parseWords } from "../../../src/cli/parsing/parse-words.ts";
import { runSluice } from "../run-sluice.ts";

describe("the command line, typed wrong", () => {
  it.each([
    [["rolout"], /unknown command 'rolout'; did you mean rollout\? see: sluice --help/],
    [["rollout", "stats", "x"], /did you mean status\? see: sluice rollout --help/],
    [["rollout"], /name a command of rollout: start, status, .*list; see: sluice rollout --help/],
    [["push", "--mesage", "x"], /unknown option '--mesage'; did you mean --message\?/],
    [["rollback", "support-reply"], /--reason <text>' not specified; see: sluice rollback --help/],
    [["rollback", "support-reply", "--reason", " "], /--reason must not be empty/],
    [["rollout", "start"], /missing required argument 'version'/],
    [["rollout", "start", "support-reply"], /names no version; write support-reply@N/],
    [["rollout", "start", "x@0"], /whole number from 1/],
    [["rollout", "start", "x@1", "--wait=soon"], /Allowed choices are gate, promotion, end; see/],
    [["rollout", "status", "Support"], /"Support" is not a valid name segment/],
    [["rollout", "status", "x", "--label", "Prod!"], /label "Prod!"/],
    [["rollout", "list", "--limit", "many"], /--limit must be a number, not "many"/],
    [["pointers", "set", "x@1", "--expected-revision", "-1", "--reason", "r"], /--expected-revision/],
    [["pointers", "--at", "yesterday"], /"yesterday" is no time/],
    [["completion", "tcsh"], /name bash, zsh or fish/],
    [["record", "x@1", "--unit", "u", "--metric", "rating"], /write name=number/],
    [["diff", "x@1"], /missing required argument 'to'/],
  ])("sluice %j is told what is wrong in one line, with code 2", async (args, message) => {
    const ran = await runSluice(args);
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
    expect(ran.stdout).toBe("");
    expect(ran.code).toBe(2);
    const json = await runSluice([...args, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "invalid_input" } });
    expect(json.code).toBe(2);
  });
});

describe("help", () => {
  it("lists every command, and each one's own help ends with examples", async () => {
    const { stdout, code } = await runSluice(["--help"]);
    expect(code).toBe(0);
    for (const { name, hidden } of COMMANDS) if (!hidden) expect(stdout).toContain(`  ${name.split(" ")[0]}`);
    const start = await runSluice(["help", "rollout", "start"]);
    expect(start.stdout).toContain("Examples:");
    expect(start.stdout).toEqual((await runSluice(["rollout", "start", "--help"])).stdout);
  });

  it("shows no example that the parser would refuse", () => {
    for (const { name, examples, options = [] } of COMMANDS) {
      // Of some commands it may say until when.
      const wait = options.some(({ flags }) => flags === "--wait") ? "--wait" : "--wait=promotion";
      expect(examples.length, name).toBeGreaterThan(0);
      for (const example of examples) {
        const line = /sluice ([^)>|]+)/.exec(example)![1]!;
        const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
        const parsed = parseWords(words.map((word) => (word === "--wait" ? wait : word)));
        expect(parsed, example).toMatchObject({ spec: { name } });
      }
    }
  });

  it("prints the version of the package", async () => {
    const { default: manifest } = await import("../../../package.json", { with: { type: "json" } });
    expect(await runSluice(["--version"])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });
});
