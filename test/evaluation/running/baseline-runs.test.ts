import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { enoughBaselineRuns, withRuns } from "../../../src/evaluation/running/baseline-runs.ts";
import { type CaseResult, resultKey, type ResultStore } from "../../../src/evaluation/grading/case-result.ts";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { said, scriptedModel } from "../scripted-model.ts";

const prompt = (system: string): Artifact => ({
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: {},
  variables: { q: { type: "string" } },
  messages: [
    { role: "system", content: system },
    { role: "user", content: "{{ q }}" },
  ],
});
const dataset = parseDataset(
  "- { vars: { q: [a, b, c, d, e, f, g, h, i, j] }, assert: [{ type: equals, value: yes }] }",
  "g.yaml",
);
const gate = { repeats: 1, min_pass_rate: 0.5, max_regression: 0.05 };

/** A memory in which every case of the baseline has passed. */
function memory() {
  const kept = new Map<string, { passed: number; of: number }>();
  const store: ResultStore = {
    load: () =>
      Promise.resolve(
        Array.from({ length: 10 }, (_, caseIndex): CaseResult => {
          kept.set(`baseline/${caseIndex}/0`, { passed: 3, of: 3 });
          const common = { assertions: [], error: null, output: "yes", tokens: { input: 0, output: 0 } };
          return {
            arm: "baseline",
            caseIndex,
            repeat: 0,
            pass: true,
            score: 1,
            costUsd: 0,
            latencyMs: 1,
            reused: true,
            ...common,
          };
        }),
      ),
    save(result) {
      const runs = kept.get(resultKey(result));
      if (runs) kept.set(resultKey(result), { passed: runs.passed + Number(result.pass), of: runs.of + 1 });
      return Promise.resolve();
    },
    averaged: (results) => results.map((result) => withRuns(result, kept.get(resultKey(result)))),
  };
  return store;
}

describe("results of a baseline that were measured before", () => {
  const flaky = (request: Parameters<typeof said>[0]) => (/\n[fghij]$/.test(said(request)) ? "no" : "yes");

  it("are asked afresh where the verdict would go against the version, and averaged with what is known", async () => {
    await using model = await scriptedModel(flaky);
    const options = {
      dataset,
      gate,
      providers: model.providers,
      candidate: prompt("new"),
      baseline: prompt("old"),
    };
    const report = await evaluate({ ...options, recorded: memory() });
    expect(model.server.requests).toHaveLength(20);
    expect(report).toMatchObject({ passRate: 0.5, reused: 0 });
    expect(report.baselinePassRate).toBeCloseTo((5 + 5 * 0.75) / 10, 12);
  });

  it("are left alone where they decide nothing: a version that looks fine, or one that is below its pass rate", async () => {
    await using fine = await scriptedModel(() => "yes");
    const options = { dataset, gate, candidate: prompt("new"), baseline: prompt("old") };
    const good = await evaluate({ ...options, providers: fine.providers, recorded: memory() });
    expect([good.looks, fine.server.requests.length]).toEqual(["fine", 10]);
    await using bad = await scriptedModel(() => "no");
    const failed = await evaluate({ ...options, providers: bad.providers, recorded: memory() });
    expect([failed.verdict, bad.server.requests.length]).toEqual(["fail", 10]);
  });

  it("have to have been measured three times, repeats included", () => {
    expect([1, 2, 3, 5].map((repeats) => enoughBaselineRuns({ repeats }))).toEqual([3, 2, 1, 1]);
  });
});
