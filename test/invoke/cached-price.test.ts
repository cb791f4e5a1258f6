import { describe, expect, it } from "vitest";
import { framed } from "../../src/local/model-server/event-stream-frames.ts";
import { type WireAnswer, wireServer } from "../providers/wire-server.ts";
import { calling, supportPrompt } from "./support/calling.ts";

const OPENAI = {
  prompt_tokens: 1_510,
  completion_tokens: 5,
  total_tokens: 1_515,
  prompt_tokens_details: { cached_tokens: 1_500 },
};
const ANTHROPIC = { input_tokens: 10, cache_read_input_tokens: 1_200, cache_creation_input_tokens: 300 };
const message = { id: "m", type: "message", role: "assistant", model: "m" };

const chunk = (more: object) =>
  `data: ${JSON.stringify({ id: "c", object: "c", created: 0, model: "m", ...more })}\n\n`;
const event = (type: string, more: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const CHAT = [
  chunk({ choices: [{ index: 0, delta: { content: "Yes." }, finish_reason: "stop" }] }),
  chunk({ choices: [], usage: OPENAI }),
  "data: [DONE]\n\n",
];
const MESSAGE = [
  event("message_start", { message: { ...message, content: [], usage: { ...ANTHROPIC, output_tokens: 0 } } }),
  event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
  event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Yes." } }),
  event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }),
  event("message_stop", {}),
];

/** The same answer in every vendor's words, most of its input from the vendor's cache. */
const answer: WireAnswer = (response, { url = "" }, body) => {
  const isStream = /[sS]tream/.test(url) || (JSON.parse(body) as { stream?: unknown }).stream === true;
  const isChat = url.includes("/chat/completions");
  const isFramed = url.endsWith("invoke-with-response-stream");
  const told = isChat ? CHAT : MESSAGE;
  if (isStream) {
    const type = isFramed ? "application/vnd.amazon.eventstream" : "text/event-stream";
    response.writeHead(200, { "content-type": type });
    return void response.end(isFramed ? Buffer.concat(told.map(framed)) : told.join(""));
  }
  const choices = [{ index: 0, message: { role: "assistant", content: "Yes." }, finish_reason: "stop" }];
  const content = [{ type: "text", text: "Yes." }];
  const whole = isChat
    ? { id: "c", object: "chat.completion", created: 0, model: "m", choices, usage: OPENAI }
    : { ...message, content, stop_reason: "end_turn", usage: { ...ANTHROPIC, output_tokens: 5 } };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(whole));
};

describe("the price of a streamed answer", () => {
  it.each([
    "openai/gpt-5.4-mini",
    "local/m",
    "azure/gpt-5.4-mini",
    "anthropic/claude-haiku-4-5",
    "passed/claude-haiku-4-5",
    "bedrock/eu.anthropic.claude-haiku-4-5",
    "vertex/claude-haiku-4-5",
  ])("is that of the same answer unstreamed, over %s", async (target) => {
    await using server = await wireServer(answer);
    const price = { input: 1, output: 5, cached_input: 0.1, cache_write: 1.25 };
    await using world = await calling(server.url, { prices: { [target]: price } });
    world.serve(supportPrompt({ model: target }));
    const request = { prompt: "support", variables: { question: "May I send it back?" } };
    const whole = await world.invoker.invoke(request);
    const streamed = await world.invoker.stream(request).result;
    expect(streamed).toMatchObject({ text: "Yes.", usage: whole.usage, costUsd: whole.costUsd });
    const written = target.includes("claude") ? 300 : 0;
    const read = 1_500 - written;
    expect(whole.costUsd).toBeCloseTo((10 + 0.1 * read + 1.25 * written + 5 * 5) / 1e6, 12);
  });
});
