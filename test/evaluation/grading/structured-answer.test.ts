import { describe, expect, it } from "vitest";
import { evaluateConfig } from "../../../src/evaluation/promptfoo/evaluate-config.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { chatAnswer } from "../../providers/wire-server.ts";
import { scriptedModel } from "../scripted-model.ts";

const SCHEMA = "response_format: { type: json_schema, json_schema: { name: x, schema: { type: object } } }";
const TOOLS = "tools: [{ type: function, function: { name: weather, parameters: { type: object } } }]";

/** Why the assertions of one case did not hold, or its error; nothing when all did. */
async function wrong(config: string, answer: Parameters<typeof scriptedModel>[0], assertions: string) {
  await using model = await scriptedModel(answer);
  const parsed = parsePromptfooConfig(
    `prompts: [hello]\nproviders: [{ id: openai:gpt-4o, config: { ${config} } }]\ntests:\n  - assert:\n${assertions}`,
    "c.yaml",
  );
  const { results } = await evaluateConfig({
    config: parsed,
    gate: { min_pass_rate: 1, max_regression: 0.05 },
    providers: model.providers,
  });
  const [{ error, assertions: graded }] = results as [(typeof results)[number]];
  return [error, ...graded.filter(({ pass }) => !pass).map(({ reason }) => reason)].filter(Boolean);
}

describe("an answer that is meant as JSON", () => {
  it("is its value for scripts, and its text for everything else", async () => {
    const answer = () => '{ "price": 12.5, "tags": ["a"] }';
    const assertions = `
      - { type: javascript, value: "output.price > 10 && output.tags.includes('a')" }
      - { type: javascript, value: "JSON.parse(output).price === 12.5 && String(output).startsWith('{ ')" }
      - { type: javascript, value: "Object.keys(output).join() === 'price,tags'" }
      - { type: equals, value: 12.5, transform: output.price }
      - { type: contains, value: '"price": 12.5' }
      - { type: is-json, value: { required: [price] } }
`;
    expect(await wrong(SCHEMA, answer, assertions)).toEqual([]);
    // Without a schema it is a text that happens to be JSON.
    const text = "      - { type: javascript, value: \"typeof output === 'string'\" }\n";
    expect(await wrong("temperature: 0", answer, text)).toEqual([]);
    expect(await wrong(SCHEMA, () => "no JSON at all", text)).toEqual([]);
  });

  it("is the list of calls when the model only called tools", async () => {
    const calls = [
      { id: "t", type: "function", function: { name: "weather", arguments: '{"city":"Graz"}' } },
    ];
    const assertions = `
      - { type: is-valid-openai-tools-call }
      - { type: javascript, value: "output[0].function.name === 'weather'" }
      - { type: javascript, value: "JSON.parse(output)[0].function.arguments.includes('Graz')" }
`;
    expect(await wrong(TOOLS, () => chatAnswer(null, { tool_calls: calls }), assertions)).toEqual([]);
  });

  it("is what a transform makes of it", async () => {
    const assertions = `
      - { type: javascript, transform: "({ words: output.split(' ') })", value: "output.words.length === 2" }
      - { type: javascript, transform: "output.length", value: "output === 9" }
      - { type: equals, transform: "({ a: 1 })", value: { a: 1 } }
`;
    expect(await wrong("temperature: 0", () => "two words", assertions)).toEqual([]);
  });
});
