import type { MessageCreateParamsNonStreaming } from "@anthropic-ai/sdk/resources/messages";
import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import type { ResponseCreateParamsNonStreaming } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/artifact.ts";
import type { RenderedMessage } from "../../src/templates/rendered-message.ts";
import { toAnthropic } from "../../src/templates/to-anthropic.ts";
import { toOpenAIResponses } from "../../src/templates/to-openai-responses.ts";
import { meetsStrictRules, toOpenAI } from "../../src/templates/to-openai.ts";

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

  it("asks for strict schemas only where every object is closed and complete", () => {
    expect(meetsStrictRules(closed)).toBe(true);
    expect(meetsStrictRules({ ...closed, additionalProperties: true })).toBe(false);
    expect(meetsStrictRules({ ...closed, required: [] })).toBe(false);
    const nested = { ...closed, properties: { answer: { type: "array", items: { type: "object" } } } };
    expect(meetsStrictRules(nested)).toBe(false);
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
    expect(toAnthropic(target, [], { cache: true }).tools![0]!.cache_control).toEqual({ type: "ephemeral" });
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
});
