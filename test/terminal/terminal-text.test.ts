import { describe, expect, it } from "vitest";
import { createPaint } from "../../src/terminal/paint.ts";
import { LiveBlock } from "../../src/terminal/live-block.ts";
import { terminalLine } from "../../src/terminal/terminal-text.ts";
import { columns, wrap } from "../../src/terminal/text-layout.ts";
import { junitReport } from "../../src/evaluation/reports/junit.ts";
import { markdownReport } from "../../src/evaluation/reports/markdown.ts";
import type { EvaluationReport } from "../../src/evaluation/verdict/report.ts";

// Clears the screen, writes the clipboard, hides, reorders, and forges a line of its own.
const ATTACK = "\u001b[2J\u001b]52;c;eA==\u0007\u001b[8m\u009b1m\u202egnp\u200b\rforged\nsupport@9 promoted";
// oxlint-disable-next-line no-control-regex -- what must not get through
const ACTS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/;

describe("foreign text on a terminal", () => {
  it("is written out in a line, and our own colours are all that acts", () => {
    expect(terminalLine(ATTACK, false)).not.toMatch(ACTS);
    const { red, bold } = createPaint(true);
    const line = terminalLine(bold(red(`x${ATTACK}`)), true);
    expect(line.startsWith(bold(red("@")).split("@")[0]!)).toBe(true);
    expect(
      line.replaceAll(bold(red("@")).split("@")[0]!, "").replaceAll(bold(red("@")).split("@")[1]!, ""),
    ).not.toMatch(ACTS);
    expect(terminalLine(bold("x"), false)).not.toMatch(ACTS);
  });

  it("forges no row of a table, and counts as wide as it is shown", () => {
    const lines = columns(
      [{ head: "prompt" }, { head: "what" }, { head: "end" }],
      [
        ["a", ATTACK, "z"],
        ["b", "c", "z"],
      ],
      400,
    );
    expect(lines).toHaveLength(3);
    expect(lines[1]!.indexOf(" z")).toBe(lines[2]!.lastIndexOf(" z"));
    expect(lines.join("")).not.toMatch(ACTS);
    expect(wrap(ATTACK, 400).join("")).not.toMatch(ACTS);
  });

  it("does not act in a block that is drawn again in its place", () => {
    const written: string[] = [];
    new LiveBlock(
      (text) => written.push(text),
      () => 24,
    ).draw([ATTACK]);
    expect(written.join("").slice("\r\u001b[0J".length).trimEnd()).not.toMatch(ACTS);
  });
});

const report = {
  verdict: "fail",
  reason: ATTACK,
  passRate: 0,
  baselinePassRate: null,
  regression: null,
  ci: null,
  cases: 1,
  passed: 0,
  failed: 1,
  errors: 0,
  flaky: 0,
  repeats: 1,
  costUsd: 0,
  tokens: { input: 1, output: 1, total: 2 },
  dataset: { name: ATTACK, sha256: "a".repeat(64) },
  candidateSha256: "b".repeat(64),
  baselineSha256: null,
  judge: { model: ATTACK },
  findings: [{ message: ATTACK, severity: "error", check: "x" }],
  warnings: [ATTACK],
  results: [
    {
      arm: "candidate",
      caseIndex: 0,
      repeat: 0,
      description: ATTACK,
      latencyMs: 1,
      error: null,
      pass: false,
      score: 0,
      assertions: [{ type: "equals", pass: false, score: 0, reason: ATTACK }],
      output: ATTACK,
    },
  ],
} as unknown as EvaluationReport;

describe("foreign text in a report", () => {
  it("does not act in Markdown, where only the character that keeps a name from being called is unseen", () => {
    const text = markdownReport(report, { candidate: ATTACK }).replaceAll("@\u200b", "@");
    expect(text).not.toMatch(ACTS);
    expect(text).toContain("\\u001b[2J");
  });

  it("leaves JUnit XML well formed, whatever a model has said", () => {
    const xml = junitReport(report);
    expect(xml).not.toMatch(ACTS);
    expect(xml).toContain("\\u001b[2J");
    expect(xml.match(/<testcase /g)).toHaveLength(1);
  });
});
