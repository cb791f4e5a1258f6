import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import type { CaseResult } from "../../../src/evaluation/grading/case-result.ts";
import { makeReport } from "../../../src/evaluation/verdict/report.ts";
import { failureList } from "../../../src/evaluation/reports/failure-list.ts";
import { junitReport } from "../../../src/evaluation/reports/junit.ts";
import { markdownReport } from "../../../src/evaluation/reports/markdown.ts";
import { promptfooOutput } from "../../../src/evaluation/reports/promptfoo-output.ts";
import { wordDiff } from "../../../src/domain/text/word-diff.ts";

const EVIL = 'a "quote" & <b>]]> \u0000 ``` | # [link](http://x)\nsecond line';

function result(arm: CaseResult["arm"], caseIndex: number, more: Partial<CaseResult> = {}): CaseResult {
  const pass = more.pass ?? true;
  return {
    arm,
    caseIndex,
    repeat: 0,
    pass,
    score: pass ? 1 : 0,
    assertions: [
      {
        type: "contains",
        pass,
        score: pass ? 1 : 0,
        reason: pass ? "it is there" : `no ${EVIL}`,
        metric: "tone",
      },
    ],
    error: null,
    output: pass ? "the good answer" : EVIL,
    tokens: { input: 10, output: 5 },
    costUsd: 0.001,
    latencyMs: 100,
    ...more,
  };
}

const results = [
  result("candidate", 0),
  result("baseline", 0),
  result("candidate", 1, { pass: false, description: EVIL }),
  result("baseline", 1, { pass: false }),
  result("candidate", 2, { pass: false, output: "the bad answer" }),
  result("baseline", 2),
  result("candidate", 3, {
    pass: false,
    error: "golden.yaml:4:3: case 4: it broke <off>",
    errorKind: "truncated",
    assertions: [],
  }),
  result("baseline", 3),
];
const report = makeReport({
  cases: 4,
  gate: { repeats: 1, min_pass_rate: 1, max_regression: 0.05 },
  hasBaseline: true,
  results,
  total: 8,
  dataset: { name: "golden.yaml", sha256: "d".repeat(64) },
  judge: { model: "openai/gpt-5", version: 1 },
  candidateSha256: "c".repeat(64),
  baselineSha256: "b".repeat(64),
  reused: 0,
  checked: { findings: [], tokens: 10, liveTokens: 10, costPerThousandCalls: null },
  warnings: ["golden.yaml:2:3: the case is the same as another"],
});

describe("the failures of a report", () => {
  it("begin with what the baseline passes, and end with errors", () => {
    expect(failureList(report).map(({ caseIndex }) => caseIndex)).toEqual([2, 1, 3]);
    expect(failureList(report)[0]).toMatchObject({
      output: "the bad answer",
      baselineOutput: "the good answer",
      baselinePassed: true,
    });
  });
});

describe("the JUnit report", () => {
  it("is XML whatever the model said, with a test per case", () => {
    const xml = junitReport(report);
    expect(XMLValidator.validate(xml)).toBe(true);
    const parsed = new XMLParser({ ignoreAttributes: false, processEntities: true }).parse(xml) as {
      testsuites: { testsuite: { testcase: Record<string, unknown>[] } } & Record<string, string>;
    };
    expect(parsed.testsuites["@_tests"]).toBe("4");
    expect(parsed.testsuites["@_failures"]).toBe("2");
    expect(parsed.testsuites["@_errors"]).toBe("1");
    const tests = parsed.testsuites.testsuite.testcase;
    expect(
      tests.map((test) => ("failure" in test ? "failed" : "error" in test ? "error" : "passed")),
    ).toEqual(["passed", "failed", "failed", "error"]);
  });
});

describe("the output in promptfoo's shape", () => {
  it("has prompts, results and stats as its version 3 has them", () => {
    const output = promptfooOutput(report, {
      evalId: "e1",
      timestamp: "2026-01-01T00:00:00.000Z",
      candidateLabel: "support-reply@2",
      baselineLabel: "support-reply@1",
      candidateModel: "openai/gpt-5-mini",
      baselineModel: "openai/gpt-5-mini",
      vars: [{ q: "a" }, { q: "b" }, { q: "c" }, { q: "d" }],
    });
    expect(output).toMatchObject({
      evalId: "e1",
      results: {
        version: 3,
        stats: { successes: 4, failures: 3, errors: 1, tokenUsage: { total: 120 } },
        prompts: [
          { label: "support-reply@2", metrics: { testPassCount: 1, testFailCount: 2, testErrorCount: 1 } },
          { label: "support-reply@1", metrics: { testPassCount: 3, testFailCount: 1, testErrorCount: 0 } },
        ],
      },
      sluice: { verdict: report.verdict, cases: 4 },
    });
    const list = (output as { results: { results: Record<string, unknown>[] } }).results.results;
    expect(list[0]).toMatchObject({
      promptIdx: 0,
      testIdx: 0,
      success: true,
      failureReason: 0,
      vars: { q: "a" },
      namedScores: { tone: 1 },
    });
    expect(list.find(({ error }) => error !== null)).toMatchObject({
      success: false,
      failureReason: 2,
      gradingResult: null,
    });
    expect(JSON.parse(JSON.stringify(output))).toEqual(output);
  });
});

describe("the Markdown report", () => {
  const markdown = markdownReport(report, { candidate: "support-reply@2", baseline: "support-reply@1" });

  it("says the verdict first, then the numbers, then the failures", () => {
    expect(markdown).toMatch(/^### `support-reply@2` ❌ fails the gate\n/);
    expect(markdown).toContain("| pass rate | 33.3 % | 75 % |");
    expect(markdown).toContain("| cases | 1 passed, 2 failed, 1 error of 4 | |");
    expect(markdown).toContain("**case 3**: contains: no");
    expect(markdown).toContain("- good\n+ bad");
  });

  it("lets nothing that a model said out of its place", () => {
    const outside = markdown.replace(/(`{4,})\w*\n[\s\S]*?\n\1(?=\n)/g, "");
    expect(outside).not.toContain("<b>");
    expect(outside).not.toContain("[link](http");
    expect(outside).toContain("\\[link\\]");
  });
});

describe("a word diff", () => {
  it("keeps what both have and tells apart what only one has", () => {
    expect(wordDiff("the quick fox", "the slow fox runs")).toEqual([
      { kind: "same", text: "the" },
      { kind: "removed", text: " quick" },
      { kind: "added", text: " slow" },
      { kind: "same", text: " fox" },
      { kind: "added", text: " runs" },
    ]);
    expect(wordDiff("", "a")).toEqual([{ kind: "added", text: "a" }]);
    expect(wordDiff("a b", "a b")).toEqual([{ kind: "same", text: "a b" }]);
  });

  it("does not grow without bound", () => {
    const long = Array.from({ length: 100_000 }, (_, i) => `w${i}`).join(" ");
    expect(wordDiff(long, `${long} more`).map(({ kind }) => kind)).toEqual(["same"]);
  });
});
