import { describe, expect, it } from "vitest";
import type { Artifact, FunctionTool } from "../../../src/domain/prompt/artifact.ts";
import { readMessagesRequest } from "../../../src/local/model-server/anthropic-wire.ts";
import { readChatRequest } from "../../../src/local/model-server/openai-wire.ts";
import { compileArtifact } from "../../../src/templates/artifact-template.ts";
import type { PlaceholderMessage } from "../../../src/templates/rendered-message.ts";
import { requestsTo } from "../../../src/templates/requests/protocol-requests.ts";
import { requestProblems } from "../../../src/templates/requests/request-problems.ts";

// Every row is a version as somebody may write it, with what a service may pass. What the vendor would refuse has to
// be known when the version is pushed, and what is not known then has to be taken.

const GPT = "openai/gpt-4.1-mini";
const REASONS = "openai/gpt-5-mini";
const SWITCHED = "openai/gpt-5.4-mini";
const CLAUDE = "anthropic/claude-sonnet-4-5";
const NEWER = "anthropic/claude-opus-4-6";

const tool = (name: string, parameters: object = { type: "object", properties: {} }): FunctionTool => ({
  type: "function",
  function: { name, parameters: parameters as Record<string, unknown> },
});
const tools = [tool("look_up"), tool("send")];
const call = (id: string, name = "look_up") => ({
  id,
  type: "function" as const,
  function: { name, arguments: "{}" },
});
const PNG = "iVBORw0KGgo=";
const user = { role: "user", content: "Hello" } as const;
const shape = (more: object = {}) => ({ type: "object", properties: { a: { type: "string" } }, ...more });
const closed = shape({ required: ["a"], additionalProperties: false });
const thinking = { thinking: { type: "enabled", budget_tokens: 2000 }, max_tokens: 4000 };

interface Row {
  readonly params?: Artifact["params"];
  readonly messages?: Artifact["messages"];
  readonly tools?: readonly FunctionTool[];
  readonly output_schema?: Record<string, unknown>;
  readonly history?: readonly PlaceholderMessage[];
}

function artifactOf(model: string, { history: _, ...row }: Row): Artifact {
  return {
    syntax: "jinja",
    model,
    params: {},
    variables: {},
    messages: [{ role: "system", content: "Be brief." }, { placeholder: "history" }, user],
    ...row,
  };
}

/** What the scripted model says to the request of a version; undefined where it takes it. */
function refusal(model: string, row: Row): string | undefined {
  const artifact = artifactOf(model, row);
  const [provider, name] = model.split("/") as [string, string];
  const { messages } = compileArtifact(artifact).render({}, { placeholders: { history: row.history ?? [] } });
  const body = { ...requestsTo({ provider }).ofMessages(artifact, messages), model: name };
  try {
    if (provider === "openai") readChatRequest(JSON.parse(JSON.stringify(body)));
    else readMessagesRequest(JSON.parse(JSON.stringify(body)));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const known = (model: string, row: Row) =>
  requestProblems(artifactOf(model, row)).filter(({ code }) => code !== "param_ignored");

/** What both vendors take: they are asked each in its own words. */
const TAKEN: readonly (readonly [string, Row])[] = [
  ["no parameters", {}],
  ["a limit of tokens", { params: { max_tokens: 50 } }],
  ["the limit's other name", { params: { max_completion_tokens: 50 } }],
  ["a temperature of 0", { params: { temperature: 0 } }],
  ["top_p alone", { params: { top_p: 0.5 } }],
  ["a stop sequence as a text", { params: { stop: "END" } }],
  ["four stop sequences", { params: { stop: ["a", "b", "c", "d"] } }],
  ["tools", { tools }],
  ["tools that have to be called", { tools, params: { tool_choice: "required" } }],
  [
    "a tool that has to be called",
    { tools, params: { tool_choice: { type: "function", function: { name: "send" } } } },
  ],
  ["no tool this time", { tools, params: { tool_choice: "none" } }],
  ["one call at a time", { tools, params: { parallel_tool_calls: false } }],
  ["a tool without parameters", { tools: [{ type: "function", function: { name: "now" } }] }],
  ["a closed schema", { output_schema: closed }],
  ["an open schema", { output_schema: shape() }],
  [
    "a schema with a dialect and a title",
    {
      output_schema: {
        ...closed,
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: "An answer",
      },
    },
  ],
  [
    "numbers within bounds",
    { output_schema: shape({ properties: { n: { type: "integer", minimum: 1, maximum: 5 } } }) },
  ],
  [
    "texts of a length and a pattern",
    { output_schema: shape({ properties: { s: { type: "string", minLength: 3, pattern: "^a" } } }) },
  ],
  [
    "lists of a length",
    {
      output_schema: shape({
        properties: {
          l: { type: "array", minItems: 2, maxItems: 3, uniqueItems: true, items: { type: "string" } },
        },
      }),
    },
  ],
  [
    "one of several",
    { output_schema: shape({ properties: { u: { oneOf: [{ type: "string" }, { type: "null" }] } } }) },
  ],
  [
    "all of several",
    { output_schema: shape({ allOf: [{ type: "object", properties: { b: { type: "number" } } }] }) },
  ],
  [
    "definitions",
    {
      output_schema: {
        type: "object",
        properties: { a: { $ref: "#/$defs/a" } },
        $defs: { a: { type: "object", properties: { b: { type: "string", format: "uri" } } } },
      },
    },
  ],
  ["a system message in the middle", { messages: [user, { role: "system", content: "Be kind." }, user] }],
  ["a system message alone", { messages: [{ role: "system", content: "Say hello." }] }],
  [
    "a message that comes out empty",
    { messages: [{ role: "user", content: "{% if false %}x{% endif %}" }, user] },
  ],
  [
    "an image at an address",
    {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?" },
            { type: "image", url: "https://example.com/a.png" },
          ],
        },
      ],
    },
  ],
  [
    "an image as data, and no words",
    { messages: [{ role: "user", content: [{ type: "image", data: PNG, media_type: "image/png" }] }] },
  ],
  [
    "a text part that is blank",
    {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: " " },
            { type: "image", data: PNG, media_type: "image/png" },
          ],
        },
      ],
    },
  ],
  [
    "a document as data",
    {
      messages: [
        {
          role: "user",
          content: [{ type: "file", data: PNG, media_type: "application/pdf", name: "a.pdf" }],
        },
      ],
    },
  ],
  [
    "a turn of the user that is empty",
    {
      history: [
        { role: "user", content: "" },
        { role: "assistant", content: "Yes?" },
      ],
    },
  ],
  ["a turn of the assistant that is empty", { history: [user, { role: "assistant", content: "" }] }],
  ["a turn of the assistant that is blank", { history: [user, { role: "assistant", content: " \n" }] }],
  ["a refusal", { history: [user, { role: "assistant", content: null, refusal: "No." }] }],
  [
    "calls and their answers",
    {
      tools,
      history: [
        user,
        { role: "assistant", content: null, tool_calls: [call("a"), call("b", "send")] },
        { role: "tool", tool_call_id: "a", content: "" },
        { role: "tool", tool_call_id: "b", content: "sent" },
      ],
    },
  ],
  [
    "calls with the ids of another vendor",
    {
      tools,
      history: [
        user,
        { role: "assistant", content: "One moment.", tool_calls: [call("functions.look_up:0")] },
        { role: "tool", tool_call_id: "functions.look_up:0", content: "3" },
      ],
    },
  ],
  [
    "no calls, written as an empty list",
    { history: [user, { role: "assistant", content: "Yes?", tool_calls: [] }] },
  ],
  [
    "turns of one role beside each other",
    { history: [user, user, { role: "assistant", content: "A" }, { role: "assistant", content: "B" }] },
  ],
  [
    "parts that a vendor's SDK writes",
    {
      history: [
        { role: "user", content: [{ type: "input_text", text: "Hi" }] },
        { role: "assistant", content: [{ type: "output_text", text: "Hello" }] },
      ],
    },
  ],
];

describe("a request that both vendors take is taken", () => {
  for (const model of [GPT, CLAUDE])
    it.each(TAKEN)(`${model}: %s`, (_, row) => {
      expect(refusal(model, row)).toBeUndefined();
      expect(known(model, row)).toEqual([]);
    });

  it.each([
    ["a prefill", CLAUDE, { messages: [user, { role: "assistant", content: "{ " }] }],
    [
      "a file at an address",
      CLAUDE,
      { messages: [{ role: "user", content: [{ type: "file", url: "https://example.com/a.pdf" }] }] },
    ],
    ["thinking", CLAUDE, { params: thinking }],
    ["metadata that are kept", GPT, { params: { metadata: { a: "b" }, store: true } }],
    ["a user's id", CLAUDE, { params: { metadata: { user_id: "u" } } }],
    ["probabilities", GPT, { params: { logprobs: true, top_logprobs: 3 } }],
    ["an effort", REASONS, { params: { reasoning_effort: "low", max_tokens: 500 } }],
    ["a temperature without reasoning", SWITCHED, { params: { temperature: 0.2 } }],
    ["a temperature that says nothing", REASONS, { params: { temperature: 1 } }],
    [
      "JSON mode",
      GPT,
      {
        params: { response_format: { type: "json_object" } },
        messages: [{ role: "user", content: "Say it as JSON." }],
      },
    ],
    ["white space as a stop sequence", GPT, { params: { stop: "\n" } }],
  ] as const)("%s, at %s", (_, model, row) => {
    expect(refusal(model, row as Row)).toBeUndefined();
    expect(known(model, row as Row)).toEqual([]);
  });
});

const REFUSED: readonly (readonly [string, string, Row])[] = [
  ["a temperature of a model that reasons", REASONS, { params: { temperature: 0.2 } }],
  ["top_p of a model that reasons", REASONS, { params: { top_p: 0.2 } }],
  ["a temperature beside an effort", SWITCHED, { params: { temperature: 0.2, reasoning_effort: "high" } }],
  ["an effort of a model that does not reason", GPT, { params: { reasoning_effort: "low" } }],
  ["a temperature above 2", GPT, { params: { temperature: 2.1 } }],
  ["a temperature above 1", CLAUDE, { params: { temperature: 1.1 } }],
  ["a negative temperature", CLAUDE, { params: { temperature: -1 } }],
  ["top_p above 1", GPT, { params: { top_p: 1.5 } }],
  ["top_p above 1", CLAUDE, { params: { top_p: 1.5 } }],
  ["a penalty above 2", GPT, { params: { presence_penalty: 3 } }],
  ["five stop sequences", GPT, { params: { stop: ["a", "b", "c", "d", "e"] } }],
  ["no tokens at all", GPT, { params: { max_tokens: 0 } }],
  ["no tokens at all", CLAUDE, { params: { max_tokens: 0 } }],
  ["more tokens than there are", GPT, { params: { max_tokens: 1_000_000 } }],
  ["more tokens than there are", CLAUDE, { params: { max_tokens: 1_000_000 } }],
  ["probabilities that are not asked for", GPT, { params: { top_logprobs: 3 } }],
  ["metadata that are not kept", GPT, { params: { metadata: { a: "b" } } }],
  ["metadata of another kind", CLAUDE, { params: { metadata: { team: "a" } } }],
  ["Anthropic's stop sequences", GPT, { params: { stop_sequences: ["a"] } }],
  ["Anthropic's thinking", GPT, { params: { thinking: { type: "enabled" } } }],
  ["a seed", CLAUDE, { params: { seed: 3 } }],
  ["OpenAI's user", CLAUDE, { params: { user: "u" } }],
  ["OpenAI's functions", CLAUDE, { params: { functions: [] } }],
  ["OpenAI's cache key", CLAUDE, { params: { prompt_cache_key: "k" } }],
  ["a temperature and top_p", CLAUDE, { params: { temperature: 0, top_p: 0.5 } }],
  ["a tool choice without tools", GPT, { params: { tool_choice: "auto" } }],
  [
    "a tool that is not there",
    GPT,
    { tools, params: { tool_choice: { type: "function", function: { name: "call" } } } },
  ],
  ["a tool that is not there", CLAUDE, { tools, params: { tool_choice: { type: "tool", name: "call" } } }],
  ["two tools of one name", CLAUDE, { tools: [tool("a"), tool("a")] }],
  ["129 tools", GPT, { tools: Array.from({ length: 129 }, (_, i) => tool(`t${i}`)) }],
  ["a tool of several forms", CLAUDE, { tools: [tool("a", { anyOf: [{ type: "object" }] })] }],
  [
    "a strict tool that is open",
    GPT,
    { tools: [{ type: "function", function: { name: "f", parameters: shape(), strict: true } }] },
  ],
  [
    "a strict schema that is open",
    GPT,
    {
      output_schema: shape(),
      params: { response_format: { type: "json_schema", json_schema: { strict: true } } },
    },
  ],
  ["a schema of a model without", "openai/gpt-4", { output_schema: closed }],
  [
    "thinking with few tokens",
    CLAUDE,
    { params: { ...thinking, thinking: { type: "enabled", budget_tokens: 100 } } },
  ],
  ["thinking with all tokens", CLAUDE, { params: { thinking: { type: "enabled", budget_tokens: 5000 } } }],
  ["thinking at a temperature", CLAUDE, { params: { ...thinking, temperature: 0.2 } }],
  ["thinking with a forced tool", CLAUDE, { tools, params: { ...thinking, tool_choice: "required" } }],
  [
    "thinking after a prefill",
    CLAUDE,
    { params: thinking, messages: [user, { role: "assistant", content: "{" }] },
  ],
  ["a prefill of a model without", NEWER, { messages: [user, { role: "assistant", content: "{" }] }],
  [
    "a prefill beside a schema",
    CLAUDE,
    { output_schema: closed, messages: [user, { role: "assistant", content: "{" }] },
  ],
];

describe("a request that the vendor refuses is known before it is sent", () => {
  it.each(REFUSED)("%s, at %s", (_, model, row) => {
    expect(refusal(model, row)).toBeDefined();
    expect(known(model, row)).not.toEqual([]);
  });
});

describe("what a vendor cannot be asked is said, and the rest is sent", () => {
  it.each<[string, string, Row, RegExp]>([
    [
      "white space as a stop sequence",
      CLAUDE,
      { params: { stop: ["\n", "END"] } },
      /stop of white space alone/,
    ],
    [
      "an object of free keys",
      CLAUDE,
      { output_schema: { type: "object", additionalProperties: { type: "string" } } },
      /keys are not named/,
    ],
    ["JSON mode", CLAUDE, { params: { response_format: { type: "json_object" } } }, /no JSON mode/],
  ])("%s, at %s", (_, model, row, message) => {
    expect(refusal(model, row)).toBeUndefined();
    expect(
      requestProblems(artifactOf(model, row))
        .map((one) => one.message)
        .join("\n"),
    ).toMatch(message);
  });
});
