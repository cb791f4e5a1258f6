import { describe, expect, it } from "vitest";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";

const base: Record<string, unknown> = {
  prompts: ["Say {{ q }}"],
  providers: ["openai:gpt-4.1-mini"],
  tests: [{ vars: { q: "x" }, assert: [{ type: "contains", value: "x" }] }],
};

/** What a configuration is told; parts of `base` are replaced, and left out where they are undefined. */
function told(parts: Record<string, unknown>): string {
  try {
    parsePromptfooConfig(JSON.stringify({ ...base, ...parts }), "promptfooconfig.yaml");
    return "it runs";
  } catch (error) {
    return (error as Error).message;
  }
}

const withAssert = (assertion: unknown) => ({ tests: [{ vars: { q: "x" }, assert: [assertion] }] });

const REFUSED: readonly (readonly [what: string, parts: Record<string, unknown>, message: RegExp])[] = [
  [
    "red-team generation",
    { tests: undefined, redteam: { plugins: ["bias"] } },
    /red-team generation is not run/,
  ],
  [
    "a red-team grader",
    withAssert({ type: "promptfoo:redteam:harmful", metric: "Harm" }),
    /promptfoo:redteam:harmful" is judged by promptfoo's own red-team graders/,
  ],
  [
    "another vendor, before its parameters",
    { providers: [{ id: "google:gemini-pro", config: { generationConfig: { topK: 1 } } }] },
    /"google:gemini-pro" is not a model that Sluice calls/,
  ],
  ["an agent of OpenAI", { providers: ["openai:codex-sdk"] }, /"openai:codex-sdk": agents are not run/],
  [
    "an agent of Anthropic, before its parameters",
    { providers: [{ id: "anthropic:claude-agent-sdk", config: { working_dir: "." } }] },
    /"anthropic:claude-agent-sdk": agents are not run/,
  ],
  ["a model of videos", { providers: ["openai:video:sora-2"] }, /"openai:video:sora-2": videos are not/],
  ["a realtime model", { providers: ["openai:realtime:gpt-realtime"] }, /realtime models are not called/],
  ["a provider made by code", { providers: ["file://p.js"] }, /providers made by code are not run/],
  ["promptfoo's own provider", { providers: ["promptfoo:simulated-user"] }, /promptfoo's own providers/],
  [
    "a test's provider of another vendor",
    { tests: [{ vars: { q: "x" }, provider: { id: "mistral:large", config: { safe: true } } }] },
    /"mistral:large" is not a model that Sluice calls/,
  ],
  ["a prompt kept at Portkey", { prompts: ["portkey://pp-1"] }, /the prompt is kept at portkey/],
  ["a prompt kept at Langfuse", { prompts: ["langfuse://a@production"] }, /the prompt is kept at langfuse/],
  ["a prompt made by code", { prompts: ["file://prompt.py:make"] }, /prompts made by code are not run/],
  ["extensions", { extensions: ["file://hooks.js:hook"] }, /extensions are code/],
  ["tests made by code", { tests: "file://tests.py:make" }, /tests made by code are not run/],
  ["one test made by code", { tests: [{ path: "file://t.ts:make" }] }, /tests made by code are not run/],
  ["tests to be downloaded", { tests: "huggingface://datasets/a/b" }, /tests are not downloaded/],
  ["a check in Python", withAssert({ type: "python", value: "True" }), /Python is not run/],
  [
    "a check in a Python file, in a set",
    withAssert({ type: "assert-set", assert: [{ type: "equals", value: "file://check.py" }] }),
    /Python is not run/,
  ],
  [
    "a score made by code",
    { defaultTest: { assertScoringFunction: "file://score.js" } },
    /scores made by code are not run/,
  ],
  [
    "a judge of another vendor",
    withAssert({ type: "llm-rubric", value: "ok", provider: { id: "vertex:x", config: { region: "eu" } } }),
    /"vertex:x" is not a model/,
  ],
  [
    "a judge's own address",
    withAssert({
      type: "llm-rubric",
      value: "ok",
      provider: { id: "openai:gpt-4.1", config: { apiBaseUrl: "http://x" } },
    }),
    /a judge is asked at your own endpoint/,
  ],
];

describe("what a configuration asks for and cannot be run", () => {
  it.each(REFUSED)("%s is refused by its name, and where it stands", (_, parts, message) => {
    expect(told(parts)).toMatch(message);
    expect(told(parts)).toMatch(/^promptfooconfig\.yaml:1:\d+: /);
  });

  it("is told of the one thing that matters first: not of Python where the vendor is not called", () => {
    const both = { ...withAssert({ type: "python", value: "True" }), providers: ["cohere:command"] };
    expect(told(both)).toMatch(/cohere:command/);
    expect(told(both)).not.toMatch(/Python/);
  });

  it("is not what only sounds like it: a fine-tuned model, red-team tests that are there, empty extensions", () => {
    expect(told({ providers: ["openai:ft:gpt-4o:org::id"] })).toBe("it runs");
    expect(told({ redteam: { purpose: "help" }, extensions: [] })).toBe("it runs");
  });
});
