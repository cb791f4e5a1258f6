import { describe, expect, it } from "vitest";
import { evaluateConfig } from "../../../src/evaluation/promptfoo/evaluate-config.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { json } from "../../providers/wire-server.ts";
import { asksJudge, type ChatRequest, scriptedModel } from "../scripted-model.ts";

/** Runs a configuration on a model that says what it is asked, and gives the requests beside the results. */
async function run(config: Record<string, unknown>, answer = (request: ChatRequest) => said(request)) {
  const requests: (ChatRequest & Record<string, unknown>)[] = [];
  await using model = await scriptedModel((request) => {
    requests.push(request as ChatRequest & Record<string, unknown>);
    return answer(request);
  });
  const text = JSON.stringify({ providers: ["openai:gpt-4.1-mini"], ...config });
  const parsed = parsePromptfooConfig(text, "promptfooconfig.yaml");
  const report = await evaluateConfig({
    config: parsed,
    gate: { min_pass_rate: 1, max_regression: 0.05 },
    providers: model.providers,
  });
  return { config: parsed, report, requests, outputs: report.results.map(({ output }) => output) };
}

function said({ messages }: ChatRequest): string {
  return messages.map(({ content }) => content).join(" | ");
}

describe("a promptfoo configuration", () => {
  it("asks tests that assert nothing: they pass when an answer comes, and it is said that they prove nothing", async () => {
    const { report, outputs } = await run({
      prompts: ["Say {{ q }}"],
      tests: [{ vars: { q: "a" } }, { vars: { q: "b" } }],
    });
    expect(outputs).toEqual(["Say a", "Say b"]);
    expect(report).toMatchObject({ cases: 2, passed: 2, verdict: "pass" });
    expect(report.warnings).toContainEqual(
      expect.stringContaining("no case asserts anything: such a case passes"),
    );
  });

  it("asks its prompts as they are where there are no tests at all", async () => {
    expect((await run({ prompts: ["Say hello"] })).outputs).toEqual(["Say hello"]);
  });

  it("keeps a dataset of a gate from passing by asserting nothing", () => {
    expect(() => parseDataset('[{ "vars": { "q": "a" } }]', "golden.json")).toThrow(
      /no test case asserts anything/,
    );
    for (const one of [
      { provider: "openai:gpt-4.1" },
      { providerOutput: "yes" },
      { options: { prefix: "x" } },
    ])
      expect(() =>
        parseDataset(
          JSON.stringify([{ vars: {}, assert: [{ type: "contains", value: "y" }], ...one }]),
          "golden.json",
        ),
      ).toThrow(/in a promptfoo configuration alone|of a promptfoo configuration alone/);
  });

  it("asks a test's own provider, with its own parameters and the prompt's", async () => {
    const { requests } = await run({
      prompts: [{ raw: "Say {{ q }}", label: "p", config: { top_p: 0.5 } }],
      tests: [
        { vars: { q: "a" } },
        {
          vars: { q: "b" },
          provider: { id: "openai:chat:gpt-4.1", config: { temperature: 0.7, max_tokens: 9 } },
        },
      ],
    });
    expect(requests).toMatchObject([
      { model: "gpt-4.1-mini", top_p: 0.5, max_completion_tokens: 1024 },
      { model: "gpt-4.1", temperature: 0.7, max_completion_tokens: 9 },
    ]);
  });

  it("sends temperature 0 and 1,024 tokens at most where nothing is said, as promptfoo does, but not to a reasoning model", async () => {
    const [plain] = (await run({ prompts: ["hi"] })).requests;
    expect(plain).toMatchObject({ temperature: 0, max_completion_tokens: 1024 });
    const [reasoning] = (await run({ prompts: ["hi"], providers: ["openai:gpt-5-mini"] })).requests;
    expect(reasoning).not.toHaveProperty("temperature");
    expect(reasoning).not.toHaveProperty("max_completion_tokens");
  });

  it("asks a judge with the parameters of its config, wherever that stands", async () => {
    const judge = { id: "openai:gpt-4.1", config: { temperature: 0.3, max_tokens: 77 } };
    const assert = [{ type: "llm-rubric", value: "is polite" }];
    const verdict = (request: ChatRequest) =>
      asksJudge(request) ? JSON.stringify({ reason: "so", score: 1, pass: true }) : said(request);
    for (const config of [
      { defaultTest: { options: { provider: judge } }, tests: [{ assert }] },
      {
        defaultTest: { options: { provider: { text: judge, embedding: "openai:embedding:x" } } },
        tests: [{ assert }],
      },
      { tests: [{ assert: [{ ...assert[0], provider: judge }] }] },
    ]) {
      const { requests } = await run({ prompts: ["hi"], ...config }, verdict);
      expect(requests.find(asksJudge)).toMatchObject({
        model: "gpt-4.1",
        temperature: 0.3,
        max_completion_tokens: 77,
      });
    }
  });

  it("puts what transformVars returns over the variables, and refuses a script that returns none", async () => {
    const tests = [
      { vars: { q: "a" }, options: { transformVars: "({ ...vars, r: vars.q.toUpperCase() })" } },
    ];
    expect((await run({ prompts: ["{{ q }} {{ r }}"], tests })).outputs).toEqual(["a A"]);
    const bad = [{ vars: { q: "a" }, options: { transformVars: "vars.q" } }];
    await expect(run({ prompts: ["{{ q }}"], tests: bad })).rejects.toThrow(/must return an object/);
  });

  it("puts a prefix and a suffix around the prompt's one text", async () => {
    const tests = [{ vars: { q: "a" }, options: { prefix: "Be {{ q }}: ", suffix: "!" } }];
    expect((await run({ prompts: ["say {{ q }}"], tests })).outputs).toEqual(["Be a: say a!"]);
  });

  it("takes a providerOutput for the answer and asks nobody", async () => {
    const { requests, report } = await run({
      prompts: ["hi"],
      tests: [{ providerOutput: "given", assert: [{ type: "equals", value: "given" }] }],
    });
    expect(requests).toEqual([]);
    expect(report.passed).toBe(1);
  });

  it("asks where the providerOutput is empty, and does not mind case in rouge-n, both as promptfoo", async () => {
    const { requests, report } = await run({
      prompts: ["The Quick Brown Fox"],
      tests: [{ providerOutput: "", assert: [{ type: "rouge-n", value: "the quick brown fox" }] }],
    });
    expect([requests.length, report.passed]).toEqual([1, 1]);
  });

  it("puts answers through the provider's transform, then the test's", async () => {
    const { report } = await run({
      prompts: ["hi"],
      providers: [{ id: "openai:gpt-4.1-mini", transform: "output + '-1'" }],
      tests: [{ options: { transform: "output + '-2'" }, assert: [{ type: "equals", value: "hi-1-2" }] }],
    });
    expect(report.passed).toBe(1);
  });

  it("asks one after the other where there is a delay, with the delay between", async () => {
    const tests = [{ vars: { q: "a" } }, { vars: { q: "b" } }];
    const { config } = await run({
      prompts: ["{{ q }}"],
      tests,
      evaluateOptions: { delay: 1, maxConcurrency: 5 },
    });
    expect(config.concurrency).toBe(1);
    expect(config.columns[0]!.way.delayMs).toBe(1);
  });

  it("does not take a list of numbers or objects for several cases, as promptfoo does not", async () => {
    const tests = [{ vars: { n: [1, 2], q: ["a", "b"] } }];
    const { outputs } = await run({ prompts: ["{{ q }}{% for i in n %} {{ i }}{% endfor %}"], tests });
    expect(outputs).toEqual(["a 1 2", "b 1 2"]);
  });

  it("asks OpenAI's Responses API where the provider says so", async () => {
    const seen: unknown[] = [];
    await using model = await scriptedModel((request) => {
      seen.push(request);
      return json(200, {
        id: "r",
        status: "completed",
        output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "hello" }] }],
        usage: { input_tokens: 1, output_tokens: 1 },
      });
    });
    const config = parsePromptfooConfig(
      JSON.stringify({
        prompts: ["hi"],
        providers: [
          { id: "openai:responses:gpt-4.1", config: { max_output_tokens: 5, instructions: "Be short" } },
        ],
        tests: [{ assert: [{ type: "equals", value: "hello" }] }],
      }),
      "c.yaml",
    );
    const gate = { min_pass_rate: 1, max_regression: 0.05 };
    const report = await evaluateConfig({ config, gate, providers: model.providers });
    expect(report.passed).toBe(1);
    expect(seen[0]).toMatchObject({
      model: "gpt-4.1",
      input: [{ role: "user", content: "hi" }],
      max_output_tokens: 5,
      instructions: "Be short",
      temperature: 0,
    });
    expect(model.server.requests.map(({ path }) => path)).toEqual(["/v1/responses"]);
  });
});
