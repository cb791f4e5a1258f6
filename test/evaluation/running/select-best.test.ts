import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { evaluateConfig } from "../../../src/evaluation/promptfoo/evaluate-config.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { asksJudge, said, scriptedModel, type ChatRequest } from "../scripted-model.ts";

const prompt = (text: string): Artifact => ({
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: {},
  variables: { q: { type: "string" } },
  messages: [{ role: "user", content: `${text} {{ q }}` }],
});
const gate = { repeats: 1, min_pass_rate: 0.9, max_regression: 0.05 };
const dataset = parseDataset(
  "- { vars: { q: [a, b, c, d] }, assert: [{ type: select-best, value: is the funniest }, { type: contains, value: '{{ q }}' }] }",
  "golden.yaml",
);

/** Repeats its prompt; as a judge it prefers what is funny, wherever it stands. */
function comedian(request: ChatRequest): string {
  if (!asksJudge(request)) return said(request);
  const answers = said(request).split("Answer ").slice(1);
  const best = answers.findIndex((answer) => answer.includes("funny"));
  return JSON.stringify({ reason: "it made me laugh", best: best + 1 });
}

describe("select-best", () => {
  it("passes the version that the judge prefers, and fails the other", async () => {
    await using model = await scriptedModel(comedian);
    const options = { dataset, gate, providers: model.providers };
    const report = await evaluate({ ...options, candidate: prompt("funny"), baseline: prompt("dull") });
    expect(report).toMatchObject({ verdict: "pass", passRate: 1, baselinePassRate: 0 });
    expect(report.results[0]!.assertions.map(({ type, pass }) => [type, pass])).toEqual([
      ["contains", true],
      ["select-best", true],
    ]);
    expect(report.results[1]).toMatchObject({ arm: "baseline", pass: false, score: 0.5 });
    // The two answers did not always stand in the same order.
    const first = model.server.requests
      .map(({ body }) => JSON.parse(body) as ChatRequest)
      .filter(asksJudge)
      .map((request) => said(request).indexOf("funny ") < said(request).indexOf("dull "));
    expect(new Set(first).size).toBe(2);
    const worse = await evaluate({ ...options, candidate: prompt("dull"), baseline: prompt("funny") });
    expect(worse).toMatchObject({ verdict: "fail", passRate: 0, baselinePassRate: 1 });
  });

  it("as not-select-best passes the others, and none where all are the same", async () => {
    await using model = await scriptedModel(comedian);
    const opposite = parseDataset(
      "- { vars: { q: a }, assert: [{ type: not-select-best, value: is dull }] }",
      "g.yaml",
    );
    const options = { dataset: opposite, gate, providers: model.providers };
    const report = await evaluate({ ...options, candidate: prompt("funny"), baseline: prompt("dull") });
    expect(report).toMatchObject({ passRate: 0, baselinePassRate: 1 });
    expect(report.results[0]!.assertions).toMatchObject([
      {
        type: "not-select-best",
        pass: false,
        score: 0,
        reason: "not wanted: the best answer: it made me laugh",
      },
    ]);
    const same = await evaluate({ ...options, candidate: prompt("dull"), baseline: prompt("dull") });
    expect(same).toMatchObject({ passRate: 0, baselinePassRate: 0 });
  });

  it("passes both where they say the same, without asking", async () => {
    await using model = await scriptedModel(comedian);
    const options = { dataset, gate, providers: model.providers };
    const report = await evaluate({ ...options, candidate: prompt("dull"), baseline: prompt("dull") });
    expect(report).toMatchObject({ passRate: 1, baselinePassRate: 1 });
    expect(model.server.requests).toHaveLength(8);
  });

  it("asks the judge where two answers differ only far behind what is kept of an answer", async () => {
    let asked = 0;
    await using model = await scriptedModel((request) => {
      const long = "x".repeat(6000);
      if (!asksJudge(request))
        return said(request).includes("funny") ? `${long} end abcd` : `${long} other abcd`;
      asked += 1;
      const [, first] = said(request).match(/Answer 1:\n([\s\S]*?)Answer 2:/)!;
      return JSON.stringify({ reason: "the end", best: first!.includes(" end") ? 1 : 2 });
    });
    const options = { dataset, gate, providers: model.providers };
    const report = await evaluate({ ...options, candidate: prompt("funny"), baseline: prompt("dull") });
    expect(asked).toBe(4);
    expect(report).toMatchObject({ passRate: 1, baselinePassRate: 0 });
  });

  it("leaves out an answer that cannot be used: it has failed, and the other is the best", async () => {
    await using model = await scriptedModel(comedian);
    const broken = parseDataset(
      `- { vars: { q: a }, options: { transform: "output.includes('funny') ? output : null" }, assert: [{ type: select-best, value: is the funniest }] }`,
      "golden.yaml",
    );
    const options = { dataset: broken, gate, providers: model.providers };
    const report = await evaluate({ ...options, candidate: prompt("dull"), baseline: prompt("funny") });
    expect(report).toMatchObject({ passRate: 0, baselinePassRate: 1, errors: 0 });
  });

  it("without a verdict is an error in both", async () => {
    await using model = await scriptedModel((request) =>
      asksJudge(request) ? '{"best": 9}' : said(request),
    );
    const options = { dataset, gate, providers: model.providers };
    const report = await evaluate({ ...options, candidate: prompt("funny"), baseline: prompt("dull") });
    expect(report).toMatchObject({ verdict: "insufficient", errors: 4, erroredRuns: 8 });
    expect(report.results[0]).toMatchObject({ errorKind: "judge" });
  });

  it("needs something to compare with", async () => {
    await using model = await scriptedModel(comedian);
    const alone = evaluate({ dataset, gate, providers: model.providers, candidate: prompt("funny") });
    await expect(alone).rejects.toThrow(/golden.yaml:1:3: select-best compares versions; give a baseline/);
  });
});

describe("a configuration with several prompts", () => {
  const config = parsePromptfooConfig(
    `prompts: ["dull {{ q }}", "funny {{ q }}"]
providers: [openai:gpt-5-mini, openai:gpt-5-nano]
tests:
  - { vars: { q: a }, assert: [{ type: select-best, value: is the funniest }] }
  - { vars: { q: b }, assert: [{ type: contains, value: b }] }
`,
    "promptfooconfig.yaml",
  );

  it("holds each to the gate, and passes when all do", async () => {
    await using model = await scriptedModel(comedian);
    const report = await evaluateConfig({
      config,
      gate: { min_pass_rate: 1, max_regression: 0.05 },
      providers: model.providers,
      judge: "openai/gpt-5-mini",
    });
    expect(report.columns.map(({ label, report: one }) => [label, one.passed])).toEqual([
      ["openai:gpt-5-mini: dull {{ q }}", 1],
      ["openai:gpt-5-mini: funny {{ q }}", 2],
      ["openai:gpt-5-nano: dull {{ q }}", 1],
      ["openai:gpt-5-nano: funny {{ q }}", 2],
    ]);
    expect(report).toMatchObject({ cases: 8, passed: 6, failed: 2, passRate: 0.75, verdict: "fail" });
    expect(report.results).toHaveLength(8);
  });
});
