import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { differences, requestDifferences } from "../../../../scripts/proofs/promptfoo/compare.ts";
import { KNOWN_DIFFERENCES, unexplained } from "../../../../scripts/proofs/promptfoo/known-differences.ts";
import type { Outcome } from "../../../../scripts/proofs/promptfoo/run-both.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/reference/evaluation.md"), "utf8");

const passed: Outcome = {
  prompt: 0,
  pass: true,
  score: 1,
  isError: false,
  output: "x",
  vars: ["q"],
  why: "",
  reason: "",
  checks: ["contains passes 1.00"],
};
const failed = (reason: string, check = "contains fails 0.00"): Outcome => ({
  ...passed,
  pass: false,
  score: 0,
  reason,
  checks: [check],
});

/** How many of the differences between two cases the list leaves unexplained. */
function left(theirs: Outcome, ours: Outcome): number {
  return unexplained(differences([theirs], [ours]), [theirs], [ours]).left.length;
}

describe("the differences from promptfoo that stay", () => {
  it("are the same on the page and in the proof", () => {
    const table = page.slice(page.indexOf("| what | promptfoo | here | why |"));
    const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
    expect(rows.map((row) => row.split(" | ")[0]!.replace(/^\| /, ""))).toEqual(
      KNOWN_DIFFERENCES.map(({ what }) => what),
    );
  });

  it("explain what they are about, and nothing else", () => {
    const unset = failed(
      'the prompt cannot be rendered: variable "q" is required and was not given',
      "render fails 0.00",
    );
    expect(left(passed, unset)).toBe(0);
    const several = failed('the prompt cannot be rendered: "q", "r" have no value', "render fails 0.00");
    expect(left(passed, several)).toBe(0);
    expect(left(passed, failed("the answer does not contain it"))).toBe(1);
    expect(left(passed, failed("the prompt cannot be rendered: it loops", "render fails 0.00"))).toBe(1);
    const cost = { ...passed, checks: ["cost passes 1.00"] };
    expect(left(cost, failed("the cost is not known: no price", "cost fails 0.00"))).toBe(0);
    expect(left(cost, failed("the answer cost $2", "cost fails 0.00"))).toBe(1);
    const declines = { ...passed, checks: ["is-refusal passes 1.00"] };
    expect(left(declines, failed("does not decline", "is-refusal fails 0.00"))).toBe(0);
    const worse = failed("another is better", "select-best fails 0.00");
    expect(left(worse, { ...passed, checks: ["select-best passes 1.00"] })).toBe(0);
    expect(left({ ...passed, checks: ["select-best passes 1.00"] }, worse)).toBe(1);
  });

  it("explain all of a configuration whose rows promptfoo takes for no variables", () => {
    const bare = { ...passed, vars: [] };
    expect(left(bare, failed("another question"))).toBe(0);
    expect(left(bare, { ...failed("the same question"), vars: [] })).toBe(1);
  });

  it("excuse as many requests of promptfoo's as cases were not rendered here, and none of Sluice's", () => {
    const unset = failed("the prompt cannot be rendered", "render fails 0.00");
    const open = (theirs: string[], ours: string[], cases: Outcome[]) =>
      unexplained(requestDifferences(theirs, ours), cases, cases).left.map(({ text }) => text);
    expect(open(['["gpt",1]', '["gpt",2]'], [], [unset])).toEqual(['only promptfoo asked ["gpt",2]']);
    expect(open([], ['["gpt",1]'], [unset])).toEqual(['only Sluice asked ["gpt",1]']);
  });

  it("take white space only in what is sent to Anthropic", () => {
    const texts = (model: string) => [[`["${model}","a\\nb"]`], [`["${model}","a \\n\\nb"]`]] as const;
    expect(requestDifferences(...texts("claude-x"))).toEqual([]);
    expect(requestDifferences(...texts("gpt-x"))).toHaveLength(2);
  });
});
