import { describe, expect, it } from "vitest";
import { embed } from "../../../src/local/model-server/embedding.ts";
import { json } from "../../providers/wire-server.ts";
import { asksJudge, said } from "../scripted-model.ts";
import { runConfig } from "./run-config.ts";

const own = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
  mistral: "http://m/v1",
};
const more = {
  options: { access: { own } },
  providers: (url: string) => ({
    configured: {
      mistral: { protocol: "openai-chat" as const, baseURL: `${url}/mistral`, drops: [], renames: {} },
    },
  }),
};

describe("a provider that the providers file names", () => {
  it("is asked in a promptfoo configuration: for answers, as a judge, and for embeddings", async () => {
    const { requests, paths, report } = await runConfig(
      {
        prompts: ["Say {{ q }}"],
        providers: ["mistral:mistral-large", { id: "mistral:chat:small", config: { temperature: 0.5 } }],
        tests: [
          {
            vars: { q: "hello" },
            assert: [
              { type: "llm-rubric", value: "polite", provider: "mistral:judge" },
              { type: "similar", value: "Say hello", provider: "mistral:embedding:embed" },
            ],
          },
        ],
      },
      (request) => {
        if (asksJudge(request)) return JSON.stringify({ reason: "so", score: 1, pass: true });
        const { input } = request;
        if (input === undefined) return said(request);
        const data = ([input].flat() as string[]).map((text, index) => ({
          index,
          embedding: embed(text, 64),
        }));
        return json(200, { data, usage: { prompt_tokens: 1, total_tokens: 1 } });
      },
      more,
    );
    expect(report.passed).toBe(2);
    expect(requests.map(({ model }) => model)).toEqual([
      "mistral-large",
      "judge",
      "embed",
      "small",
      "judge",
      "embed",
    ]);
    expect(new Set(paths.map((path) => path.split("/")[1]))).toEqual(new Set(["mistral"]));
  });

  it("is named as what is missing where nobody has configured it, before anything is asked", async () => {
    for (const config of [
      { providers: ["groq:llama"] },
      { tests: [{ assert: [{ type: "llm-rubric", value: "x", provider: "groq:llama" }] }] },
    ])
      await expect(runConfig({ prompts: ["hi"], ...config }, said, more)).rejects.toThrow(
        /"groq:llama" is not a model that Sluice calls; .*name groq in the file that SLUICE_PROVIDERS names/,
      );
    await expect(
      runConfig(
        {
          prompts: ["hi"],
          tests: [{ assert: [{ type: "similar", value: "x", provider: "groq/llama" }] }],
        },
        () => {
          throw new Error("asked");
        },
        more,
      ),
    ).rejects.toThrow(/provider "groq" is not one that can be called here/);
  });
});
