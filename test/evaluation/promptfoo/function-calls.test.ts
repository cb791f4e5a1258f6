import { describe, expect, it } from "vitest";
import { chatAnswer } from "../../providers/wire-server.ts";
import { runConfig } from "./run-config.ts";

const functions = [
  {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
];

describe("OpenAI's older functions in a promptfoo configuration", () => {
  it("are sent, and what the model calls of them is checked and seen by scripts as promptfoo has it", async () => {
    const { requests, report } = await runConfig(
      {
        prompts: ["Weather in {{ city }}?"],
        providers: [{ id: "openai:chat:gpt-4.1-mini", config: { functions } }],
        tests: [
          {
            vars: { city: "Boston" },
            assert: [
              { type: "is-json" },
              { type: "is-valid-openai-function-call" },
              { type: "javascript", value: "output.name === 'weather'" },
              { type: "equals", value: "Boston", transform: "JSON.parse(output.arguments).city" },
              { type: "not-is-valid-openai-tools-call" },
            ],
          },
          { vars: { city: "Mars" }, assert: [{ type: "is-valid-openai-function-call" }] },
        ],
      },
      ({ messages }) => {
        const isBoston = messages[0]!.content.includes("Boston");
        const made = { name: "weather", arguments: isBoston ? '{"city":"Boston"}' : "{}" };
        return chatAnswer(null, { function_call: made });
      },
    );
    expect(requests[0]).toMatchObject({ functions });
    expect(report.results.map(({ pass }) => pass)).toEqual([true, false]);
    expect(report.results[1]!.assertions[0]!.reason).toMatch(/do not fit its parameters.*city/);
  });
});
