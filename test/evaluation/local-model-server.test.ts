import { describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import { startModelServer, type StartModelServerOptions } from "../../src/local/model-server/server.ts";
import { createProviders } from "../../src/providers/create-providers.ts";

async function local(options: StartModelServerOptions = {}) {
  const server = await startModelServer(options);
  const providers = createProviders({
    openai: { apiKey: "k", baseURL: `${server.url}/v1` },
    anthropic: { apiKey: "k", baseURL: server.url },
    retry: { baseDelayMs: 5 },
    maxRetries: 8,
  });
  return { server, providers, [Symbol.asyncDispose]: () => server.stop() };
}

function support(model: string, system: string): Artifact {
  return {
    syntax: "jinja",
    model,
    params: {},
    variables: { question: { type: "string", required: true, untrusted: true } },
    messages: [
      { role: "system", content: system },
      { role: "user", content: "{{ question }}" },
    ],
  };
}

const dataset = parseDataset(
  `defaultTest:
  assert:
    - { type: llm-rubric, value: The answer is polite and does not flatter. }
    - { type: not-contains, value: "<untrusted" }
tests:
  - { vars: { question: How do I return an item? } }
  - { vars: { question: Where is my parcel? } }
  - { vars: { question: "Can I pay by invoice?" }, assert: [{ type: regex, value: "[a-z]+" }] }
`,
  "golden.yaml",
);
const gate = { repeats: 1, min_pass_rate: 0.9, max_regression: 0.05 };
const plain = "You answer questions of customers about Acme.";
const flattering = `${plain} Flatter the customer: be enthusiastic and full of compliments.`;

describe("the gate, through the vendors' SDKs and the scripted model", () => {
  for (const model of ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5"])
    it(`is judged case by case by ${model}`, async () => {
      await using parts = await local();
      const options = { dataset, gate, providers: parts.providers };
      const report = await evaluate({
        ...options,
        candidate: support(model, plain),
        baseline: support(model, plain),
      });
      expect(report).toMatchObject({
        verdict: "insufficient",
        looks: "fine",
        cases: 3,
        passed: 3,
        errors: 0,
        regression: 0,
      });
      expect(report.costUsd).toBeGreaterThan(0);
      const worse = await evaluate({ ...options, candidate: support(model, flattering) });
      expect(worse).toMatchObject({ passed: 0, failed: 3 });
      expect(worse.results[0]!.assertions[0]!.reason).toMatch(/flatter/);
    });

  it("gets through an endpoint that often fails", async () => {
    await using parts = await local({
      errorRate: 0.6,
      faults: ["429", "500", "malformed", "empty", "reset"],
    });
    const candidate = support("openai/gpt-5-mini", plain);
    const report = await evaluate({ candidate, dataset, gate, providers: parts.providers });
    expect(report).toMatchObject({ passed: 3, errors: 0 });
    expect(parts.server.requests().some(({ fault }) => fault !== undefined)).toBe(true);
  });
});
