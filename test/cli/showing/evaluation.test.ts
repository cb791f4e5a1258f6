import { describe, expect, it } from "vitest";
import { evaluationLines } from "../../../src/cli/showing/evaluation-lines.ts";
import type { CaseResult } from "../../../src/evaluation/grading/case-result.ts";
import { makeReport } from "../../../src/evaluation/verdict/report.ts";
import { createPaint } from "../../../src/terminal/paint.ts";

function failed(caseIndex: number, output: string): CaseResult {
  return {
    arm: "candidate",
    caseIndex,
    repeat: 0,
    pass: false,
    score: 0,
    assertions: [{ type: "contains", pass: false, score: 0, reason: "it is not there" }],
    error: null,
    output,
    tokens: { input: caseIndex === 0 ? 1 : 0, output: 0 },
    costUsd: 0,
    latencyMs: 1,
  };
}

/** What is said of so many failures, the first of which have an answer to show. */
function said(cases: number, answered: number): string {
  const results = Array.from({ length: cases }, (_, at) =>
    failed(at, at < answered ? `answer ${at + 1}` : ""),
  );
  const report = makeReport({
    cases,
    gate: { repeats: 1, min_pass_rate: 1, max_regression: 0.05 },
    hasBaseline: false,
    results,
    total: cases,
    dataset: { name: "golden.yaml", sha256: "d".repeat(64) },
    judge: { model: "openai/judge", version: 1 },
    candidateSha256: "c".repeat(64),
    baselineSha256: null,
    reused: 0,
    checked: { findings: [], tokens: 1, liveTokens: null, costPerThousandCalls: null },
    warnings: [],
  });
  const names = { candidate: "x@1", baseline: undefined };
  return evaluationLines(report, names, { width: 200, paint: createPaint(false) }).join("\n");
}

describe("the answers below an evaluation", () => {
  it("are followed by how many more answers there are, and only where there are more", () => {
    expect(said(12, 12)).toContain("… and 2 more answers; --json has them all");
    expect(said(11, 11)).toContain("… and 1 more answer; --json has them all");
    expect(said(10, 10)).not.toContain("more answer");
    // What failed without an answer has none to show.
    expect(said(14, 3)).not.toContain("more answer");
    expect(said(14, 3)).toContain("case 3 answered:");
  });

  it("are counted in the singular where there is one of a kind", () => {
    const one = said(1, 1);
    expect(one).toContain("0 passed, 1 failed, 0 errors of 1 case");
    expect(one).toContain("1 token, ");
    expect(one).toContain("0 % of 1 case passed");
  });
});
