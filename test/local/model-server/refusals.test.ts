import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeRequest, rubricQuestion } from "../../../src/evaluation/grading/assertions/judge.ts";
import { startModelServer, type ModelServer } from "../../../src/local/model-server/server.ts";

let server: ModelServer;
let openai: OpenAI;
let anthropic: Anthropic;
beforeAll(async () => {
  server = await startModelServer();
  openai = new OpenAI({ apiKey: "local", baseURL: `${server.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: "local", baseURL: server.url, maxRetries: 0 });
});
afterAll(() => server.stop());

const user = { role: "user", content: "hi" };
const tool = { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } };
const call = { id: "a", type: "function", function: { name: "f", arguments: "{}" } };
const format = (schema: object) => ({
  type: "json_schema",
  json_schema: { name: "x", strict: true, schema },
});

describe("a request that the vendor would refuse is refused by the scripted model", () => {
  it.each<[string, object, RegExp]>([
    [
      "a temperature that the model does not take",
      { model: "gpt-5-mini", temperature: 0.2 },
      /'temperature'/,
    ],
    ["the old name of the limit at a reasoning model", { model: "o3", max_tokens: 5 }, /'max_tokens'/],
    ["another vendor's parameter", { top_k: 3 }, /Unrecognized request argument supplied: top_k/],
    ["reasoning of a model that does not", { reasoning_effort: "low" }, /reasoning_effort/],
    ["a limit that is too large", { max_completion_tokens: 99_999 }, /too large/],
    ["a tool choice without tools", { tool_choice: "required" }, /only allowed when 'tools'/],
    ["a user message without content", { messages: [{ role: "user", content: null }] }, /got null/],
    [
      "a tool's answer to nothing",
      { messages: [user, { role: "tool", tool_call_id: "a", content: "" }] },
      /role 'tool'/,
    ],
    [
      "a call without its answer",
      { messages: [{ role: "assistant", content: null, tool_calls: [call] }, user] },
      /must be followed by tool messages/,
    ],
    [
      "a strict schema outside the rules",
      { response_format: format({ type: "object", oneOf: [] }) },
      /strict mode/,
    ],
    [
      "a strict tool outside the rules",
      { tools: [{ ...tool, function: { ...tool.function, strict: true } }] },
      /Invalid schema for function 'f'/,
    ],
    ["JSON mode without the word", { response_format: { type: "json_object" } }, /contain the word 'json'/],
  ])("OpenAI: %s", async (_, more, message) => {
    const body = { model: "gpt-4.1-mini", messages: [user], ...more };
    const asked = openai.chat.completions.create(body as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming);
    await expect(asked).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each<[string, object, RegExp]>([
    ["no limit", { max_tokens: undefined }, /max_tokens: Field required/],
    ["an empty message", { messages: [{ role: "user", content: "" }, user] }, /non-empty content/],
    ["a blank message", { messages: [{ role: "user", content: " \n" }] }, /non-whitespace/],
    [
      "an empty turn of the assistant",
      { messages: [user, { role: "assistant", content: "" }, user] },
      /non-empty/,
    ],
    ["a blank system block", { system: [{ type: "text", text: "" }] }, /non-whitespace/],
    ["only a system message", { messages: [] }, /at least one message/],
    [
      "a beginning that ends in white space",
      { messages: [user, { role: "assistant", content: "{ " }] },
      /trailing/,
    ],
    [
      "a beginning at a model without",
      { model: "claude-opus-4-6", messages: [user, { role: "assistant", content: "{" }] },
      /prefill/,
    ],
    ["OpenAI's tool choice", { tool_choice: "required" }, /tool_choice: must be an object/],
    ["OpenAI's parameter", { parallel_tool_calls: false }, /Extra inputs/],
    ["a temperature above 1", { temperature: 1.5 }, /between 0 and 1/],
    [
      "a temperature that the model does not take",
      { model: "claude-sonnet-5-5", temperature: 0 },
      /'temperature'/,
    ],
    ["temperature and top_p", { temperature: 0, top_p: 0.5 }, /cannot both/],
    [
      "a tool's answer to nothing",
      { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "" }] }] },
      /unexpected `tool_use_id`/,
    ],
  ])("Anthropic: %s", async (_, more, message) => {
    const body = { model: "claude-sonnet-4-5", max_tokens: 100, messages: [user], ...more };
    const asked = anthropic.messages.create(body as Anthropic.MessageCreateParamsNonStreaming);
    await expect(asked).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("a judge's question", () => {
  it.each(["claude-haiku-4-5", "claude-sonnet-5-5"])(
    "is one that %s takes, also where no tool can be forced",
    async (model) => {
      const request = judgeRequest(
        { provider: "anthropic", model },
        "anthropic-messages",
        rubricQuestion("Is polite", "Gladly."),
      );
      const body = { model, ...request } as unknown as Anthropic.MessageCreateParamsNonStreaming;
      const { content } = await anthropic.messages.create(body);
      const [block] = content;
      const verdict: unknown =
        block!.type === "tool_use" ? block.input : JSON.parse((block as Anthropic.TextBlock).text);
      expect(verdict).toHaveProperty("pass");
    },
  );
});
