import type { MessageCreateParamsNonStreaming } from "@anthropic-ai/sdk/resources/messages";
import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import type { ResponseCreateParamsNonStreaming } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import type { RenderedMessage } from "../../../src/templates/rendered-message.ts";
import { toAnthropic } from "../../../src/templates/requests/to-anthropic.ts";
import { toOpenAIResponses } from "../../../src/templates/requests/to-openai-responses.ts";
import { requestProblems } from "../../../src/templates/requests/request-problems.ts";
import { strictProblem } from "../../../src/templates/requests/strict-schema.ts";
import { toOpenAI } from "../../../src/templates/requests/to-openai.ts";

const closed = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
};

const artifact: Artifact = {
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: { temperature: 0.2, max_tokens: 400, reasoning_effort: "low" },
  variables: {},
  messages: [],
  tools: [
    {
      type: "function",
      function: {
        name: "look_up",
        description: "d",
        parameters: { type: "object", properties: {} },
        strict: true,
      },
    },
  ],
  output_schema: closed,
};

const call = (id: string) => ({
  id,
  type: "function" as const,
  function: { name: "look_up", arguments: '{"q":1}' },
});
const messages: RenderedMessage[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "hi" },
  { role: "assistant", content: "", tool_calls: [call("a"), call("b")] },
  { role: "tool", content: "one", tool_call_id: "a" },
  { role: "tool", content: "two", tool_call_id: "b" },
  { role: "assistant", content: "done" },
];

describe("a request for OpenAI", () => {
  it("is one that the vendor's SDK takes without a cast", () => {
    const request: ChatCompletionCreateParamsNonStreaming = toOpenAI(artifact, messages);
    expect(request).toEqual({
      model: "gpt-5-mini",
      temperature: 0.2,
      max_completion_tokens: 400,
      reasoning_effort: "low",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
        { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
        { role: "tool", content: "one", tool_call_id: "a" },
        { role: "tool", content: "two", tool_call_id: "b" },
        { role: "assistant", content: "done" },
      ],
      tools: artifact.tools,
      response_format: { type: "json_schema", json_schema: { name: "output", schema: closed, strict: true } },
    });
  });

  it("has no tools, format or limit where the artifact has none", () => {
    const bare: Artifact = { syntax: "jinja", model: "openai/m", params: {}, variables: {}, messages: [] };
    expect(toOpenAI(bare, [])).toEqual({ model: "m", messages: [] });
  });

  it.each<Record<string, unknown>>([
    { ...closed, additionalProperties: true },
    { ...closed, required: [] },
    { ...closed, properties: { answer: { type: "array", items: { type: "object" } } } },
    ...["oneOf", "allOf", "not", "default", "uniqueItems", "if", "patternProperties", "minLength"].map(
      (keyword) => ({ ...closed, properties: { answer: { type: "string", [keyword]: {} } } }),
    ),
    { ...closed, properties: { answer: {} } },
    { ...closed, properties: { answer: { type: "string", format: "regex" } } },
    { anyOf: [closed] },
  ])("is strict only where the vendor's rules for schemas are met, not by %j", (schema) => {
    expect(strictProblem(schema)).toBeDefined();
    expect(toOpenAI({ ...artifact, output_schema: schema }, []).response_format).not.toHaveProperty(
      "json_schema.strict",
    );
  });

  it("is strict for unions, references and enums within the rules", () => {
    const schema = {
      ...closed,
      properties: { answer: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }] } },
      $defs: { a: { type: "string", enum: ["x"], description: "d" } },
    };
    expect(strictProblem(schema)).toBeUndefined();
  });

  it("is not strict, or in JSON mode, where the params say so", () => {
    const params = {
      response_format: { type: "json_schema", json_schema: { strict: false, name: "reply" } },
    };
    expect(toOpenAI({ ...artifact, params }, []).response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "reply", schema: closed, strict: false },
    });
    const { output_schema: _, ...free } = artifact;
    const json = { ...free, params: { response_format: { type: "json_object" } } };
    expect(toOpenAI(json, []).response_format).toEqual({ type: "json_object" });
    expect(toOpenAIResponses(json, []).text).toEqual({ format: { type: "json_object" } });
  });
});

describe("a request for OpenAI's Responses API", () => {
  it("is one that the vendor's SDK takes without a cast", () => {
    const request: ResponseCreateParamsNonStreaming = toOpenAIResponses(artifact, messages);
    expect(request).toEqual({
      model: "gpt-5-mini",
      temperature: 0.2,
      max_output_tokens: 400,
      reasoning: { effort: "low" },
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
        { type: "function_call", call_id: "a", name: "look_up", arguments: '{"q":1}' },
        { type: "function_call", call_id: "b", name: "look_up", arguments: '{"q":1}' },
        { type: "function_call_output", call_id: "a", output: "one" },
        { type: "function_call_output", call_id: "b", output: "two" },
        { role: "assistant", content: "done" },
      ],
      tools: [
        {
          type: "function",
          name: "look_up",
          description: "d",
          parameters: { type: "object", properties: {} },
          strict: true,
        },
      ],
      text: { format: { type: "json_schema", name: "output", schema: closed, strict: true } },
    });
  });
});

describe("a request for Anthropic", () => {
  const target = {
    ...artifact,
    model: "anthropic/claude-sonnet-4-5",
    params: { temperature: 0.2, stop: "END" },
  };

  it("is one that the vendor's SDK takes without a cast", () => {
    const request: MessageCreateParamsNonStreaming = toAnthropic(target, messages);
    expect(request).toEqual({
      model: "claude-sonnet-4-5",
      max_tokens: 4096,
      temperature: 0.2,
      stop_sequences: ["END"],
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: [
            { type: "tool_use", id: "a", name: "look_up", input: { q: 1 } },
            { type: "tool_use", id: "b", name: "look_up", input: { q: 1 } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "a", content: "one" },
            { type: "tool_result", tool_use_id: "b", content: "two" },
          ],
        },
        { role: "assistant", content: "done" },
      ],
      tools: [
        { name: "look_up", description: "d", input_schema: { type: "object", properties: {} }, strict: true },
      ],
      output_config: { format: { type: "json_schema", schema: closed } },
    });
  });

  it("marks the end of the fixed part for the prompt cache when asked to", () => {
    const { system, tools } = toAnthropic(target, messages, { cache: true });
    expect(system!.at(-1)!.cache_control).toEqual({ type: "ephemeral" });
    expect(tools![0]!.cache_control).toBeUndefined();
    expect(
      toAnthropic(target, [{ role: "user", content: "x" }], { cache: true }).tools![0]!.cache_control,
    ).toEqual({ type: "ephemeral" });
  });

  it("refuses a tool call whose arguments are not a JSON object", () => {
    const broken: RenderedMessage[] = [
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "x", type: "function", function: { name: "f", arguments: "[1" } }],
      },
    ];
    expect(() => toAnthropic(target, broken)).toThrow('tool call "x": its arguments are not a JSON object');
  });

  const asked = (turns: RenderedMessage[], params: Artifact["params"] = {}) =>
    toAnthropic({ ...target, params }, turns);

  it("leaves out messages without a text, which the vendor refuses", () => {
    expect(
      asked([
        { role: "system", content: " " },
        { role: "user", content: "hi" },
        { role: "assistant", content: "" },
        { role: "user", content: "\n" },
        { role: "user", content: "and?" },
      ]),
    ).toMatchObject({
      messages: [
        { role: "user", content: "hi" },
        { role: "user", content: "and?" },
      ],
    });
    expect(
      asked([
        { role: "user", content: "x" },
        { role: "system", content: "" },
      ]),
    ).not.toHaveProperty("system");
  });

  it("makes the last system message the user's where there is no other", () => {
    const request = asked([
      { role: "system", content: "Be brief." },
      { role: "system", content: "Write a poem." },
    ]);
    expect(request.system).toEqual([{ type: "text", text: "Be brief." }]);
    expect(request.messages).toEqual([{ role: "user", content: "Write a poem." }]);
    expect(() => asked([{ role: "user", content: " " }])).toThrow("every message of the prompt is empty");
  });

  it("takes the white space from the end of a beginning that the model goes on from", () => {
    expect(
      asked([
        { role: "user", content: "x" },
        { role: "assistant", content: "{ " },
      ]).messages.at(-1),
    ).toEqual({ role: "assistant", content: "{" });
  });

  it.each([
    [{ tool_choice: "required" }, { type: "any" }],
    [{ tool_choice: "none", parallel_tool_calls: false }, { type: "none" }],
    [{ tool_choice: "auto" }, { type: "auto" }],
    [{ parallel_tool_calls: false }, { type: "auto", disable_parallel_tool_use: true }],
    [
      { tool_choice: { type: "function", function: { name: "look_up" } }, parallel_tool_calls: false },
      { type: "tool", name: "look_up", disable_parallel_tool_use: true },
    ],
    [{ tool_choice: { type: "any" } }, { type: "any" }],
  ])("says %j in the vendor's own words", (params, expected) => {
    const request = asked([{ role: "user", content: "x" }], params);
    expect(request.tool_choice).toEqual(expected);
    expect(request).not.toHaveProperty("parallel_tool_calls");
  });
});

describe("what a vendor would refuse of a version", () => {
  const problems = (model: string, params: Artifact["params"], more: Partial<Artifact> = {}) =>
    requestProblems({ syntax: "jinja", model, params, variables: {}, messages: [], ...more }).map(
      ({ code, message }) => `${code}: ${message}`,
    );

  it.each([
    ["openai/gpt-5-mini", { temperature: 0.2 }, /param_refused: .*temperature: leave it out/],
    ["openai/gpt-5-mini-2025-08-07", { top_p: 0.2 }, /top_p/],
    ["openai/o3", { stop: ["x"] }, /stop/],
    ["openai/gpt-5.5", { temperature: 0 }, /unless reasoning_effort is none/],
    ["openai/gpt-5.4-mini", { temperature: 0, reasoning_effort: "low" }, /beside reasoning_effort/],
    ["openai/gpt-4.1-mini", { reasoning_effort: "low" }, /does not reason/],
    ["openai/gpt-4.1-mini", { top_k: 3 }, /another vendor's/],
    ["openai/gpt-4.1-mini", { temperature: 2.5 }, /outside of 0 to 2/],
    ["openai/gpt-4o", { max_tokens: 100_000 }, /answers with 16,384 tokens at most/],
    ["anthropic/claude-sonnet-5-5", { temperature: 0.2 }, /temperature/],
    ["anthropic/claude-sonnet-4-5", { temperature: 1.2 }, /outside of 0 to 1/],
    ["anthropic/claude-sonnet-4-5", { temperature: 0.2, top_p: 0.9 }, /top_p beside temperature/],
    ["anthropic/claude-sonnet-4-5", { seed: 1 }, /another vendor's/],
    [
      "anthropic/claude-sonnet-4-5",
      { response_format: { type: "json_object" } },
      /param_ignored: .*JSON mode/,
    ],
    ["openai/gpt-4.1", { tool_choice: "required" }, /no tools/],
    ["anthropic/claude-sonnet-5-5", { tool_choice: "required" }, /cannot be made to call a tool/],
  ])("%s with %j", (model, params, message) => {
    const found = problems(model, params);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).toMatch(message);
  });

  it("is nothing where the model takes it, or is not known", () => {
    expect(problems("openai/gpt-4.1-mini", { temperature: 0.2, max_tokens: 400 })).toEqual([]);
    expect(problems("openai/gpt-5-mini", { temperature: 1, reasoning_effort: "low" })).toEqual([]);
    expect(problems("openai/gpt-5.4-mini", { temperature: 0.2 })).toEqual([]);
    expect(problems("openai/my-own", { temperature: 0.2 })).toEqual([]);
  });

  it("names a last message of the assistant, a schema and a strict tool that cannot be", () => {
    const messages = [{ role: "assistant", content: "{" }] as const;
    expect(problems("anthropic/claude-opus-4-6", {}, { messages })[0]).toMatch(/prefill_refused/);
    expect(problems("anthropic/claude-sonnet-4-5", {}, { messages })).toEqual([]);
    expect(problems("openai/gpt-4", {}, { output_schema: closed })[0]).toMatch(/schema_refused/);
    const tools = [
      { type: "function", function: { name: "f", parameters: { type: "object" }, strict: true } },
    ] as const;
    expect(problems("openai/gpt-4.1", {}, { tools })[0]).toMatch(
      /schema_not_strict: tool f .*additionalProperties/,
    );
  });
});
