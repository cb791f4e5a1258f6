import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModelServer, type ModelServer } from "../../src/local/model-server/server.ts";
import { memoryBudget } from "../../src/providers/budget.ts";
import type { CompletionCall } from "../../src/providers/completion.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import { SecretFilter } from "../../src/providers/streaming/secret-filter.ts";
import { type WireAnswer, wireServer } from "./wire-server.ts";

const KEY = "sk-test-0123456789abcdef";
/** For who stands still; everybody else has all the time that a busy machine takes. */
const STANDING_STILL: Readonly<Record<string, object>> = {
  "never begins": { firstTokenMs: 300 },
  "falls silent": { idleMs: 300 },
};
const messages = [{ role: "user", content: "How do I reset my password?" }];
const OPENAI: CompletionCall = {
  target: { provider: "openai", model: "gpt-5.4-mini" },
  request: { messages },
};
const ANTHROPIC: CompletionCall = {
  target: { provider: "anthropic", model: "claude-sonnet-4-6" },
  request: { messages, max_tokens: 200 },
};
const VENDORS = [
  ["openai", OPENAI],
  ["anthropic", ANTHROPIC],
] as const;

const providersAt = (url: string) =>
  createProviders({
    openai: { apiKey: KEY, baseURL: `${url}/v1` },
    anthropic: { apiKey: KEY, baseURL: url },
    maxRetries: 0,
  });

/** What both vendors send before and after the part that a test is about. */
const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "m", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const event = (type: string, more: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const BEGUN = {
  openai: chunk({ role: "assistant", content: "Hello" }),
  anthropic:
    event("message_start", {
      message: {
        id: "m",
        type: "message",
        role: "assistant",
        content: [],
        model: "m",
        usage: { input_tokens: 9, output_tokens: 0 },
      },
    }) +
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }) +
    event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Hello" } }),
};
const FAILED = {
  openai: `data: ${JSON.stringify({ error: { message: "we are full", type: "overloaded" } })}\n\n`,
  anthropic: event("error", { error: { type: "overloaded_error", message: "we are full" } }),
};
const STREAM = { "content-type": "text/event-stream" };

type Vendor = (typeof VENDORS)[number][0];
/** How a stream goes wrong, and what kind of failure that is. */
const FAULTS: readonly (readonly [string, string, (vendor: Vendor) => WireAnswer])[] = [
  [
    "ends in the middle as if it were complete",
    "interrupted",
    (vendor) => (response) => response.writeHead(200, STREAM).end(BEGUN[vendor]),
  ],
  [
    "loses its connection",
    "interrupted",
    (vendor) => (response) =>
      response.writeHead(200, STREAM).write(BEGUN[vendor], () => setImmediate(() => response.destroy())),
  ],
  [
    "says in the middle that something is wrong",
    "overloaded",
    (vendor) => (response) => response.writeHead(200, STREAM).end(BEGUN[vendor] + FAILED[vendor]),
  ],
  ["never begins", "first_token_timeout", () => (response) => response.writeHead(200, STREAM).flushHeaders()],
  [
    "falls silent",
    "idle_timeout",
    (vendor) => (response) => response.writeHead(200, STREAM).write(BEGUN[vendor]),
  ],
  [
    "is no stream",
    "malformed",
    () => (response) => response.writeHead(200, { "content-type": "application/json" }).end("{}"),
  ],
  [
    "is refused",
    "auth",
    () => (response) =>
      response.writeHead(401, { "content-type": "application/json" }).end('{"error":{"message":"no"}}'),
  ],
  [
    "is sent elsewhere",
    "redirect",
    () => (response) => response.writeHead(302, { location: "http://elsewhere.test/" }).end(),
  ],
];

let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
});
afterAll(() => model.stop());

describe.each(VENDORS)("a streamed answer of %s", (vendor, call) => {
  it("comes in pieces, and is the one that comes unstreamed, with its tokens and its price", async () => {
    const providers = providersAt(model.url);
    const pieces: string[] = [];
    const streamed = await providers.stream(call, { onText: (text) => pieces.push(text) });
    const whole = await providers.complete(call);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe(streamed.text);
    const { text, finishReason, usage, costUsd, toolCalls } = whole;
    expect(streamed).toMatchObject({ text, finishReason, usage, costUsd, toolCalls });
    expect(streamed.firstTextMs).toBeLessThanOrEqual(streamed.latencyMs);
  });

  it("has the calls of tools whole", async () => {
    const schema = { type: "object", properties: { topic: { type: "string" } }, required: ["topic"] };
    const tools =
      vendor === "openai"
        ? {
            tools: [{ type: "function", function: { name: "look_up", parameters: schema } }],
            tool_choice: "required",
          }
        : { tools: [{ name: "look_up", input_schema: schema }], tool_choice: { type: "any" } };
    const providers = providersAt(model.url);
    const asked = { ...call, request: { ...call.request, ...tools } };
    const streamed = await providers.stream(asked, { onText: () => undefined });
    const { toolCalls } = await providers.complete(asked);
    expect(streamed.toolCalls.map(({ name }) => name)).toEqual(["look_up"]);
    const meant = (calls: typeof toolCalls) => calls.map((one) => JSON.parse(one.arguments) as unknown);
    expect(meant(streamed.toolCalls)).toEqual(meant(toolCalls));
  });

  it.each(FAULTS)("that %s is no answer: %s", async (what, kind, fault) => {
    await using wire = await wireServer(fault(vendor));
    const asked = providersAt(wire.url).stream(call, {
      onText: () => undefined,
      limits: STANDING_STILL[what] ?? {},
    });
    await expect(asked).rejects.toMatchObject({ details: { kind } });
  });

  it("that its caller stops is cancelled, and what was written of it is paid for", async () => {
    await using wire = await wireServer((response) => response.writeHead(200, STREAM).write(BEGUN[vendor]));
    const stop = new AbortController();
    const budget = memoryBudget(1);
    const limits = { idleMs: 60_000 };
    const onText = () => stop.abort();
    const asked = providersAt(wire.url).stream({ ...call, budget, signal: stop.signal }, { onText, limits });
    await expect(asked).rejects.toMatchObject({ details: { kind: "cancelled" } });
    // Nothing like the most that it might have cost is held back.
    await (await budget.reserve(0.999))!.settle(0.999);
    expect(await budget.reserve(0.001)).toBeUndefined();
  });
});

describe("a secret in a text that comes in pieces", () => {
  it("is taken out wherever it is cut, and nothing else is", () => {
    for (let at = 1; at < KEY.length; at++) {
      const filter = new SecretFilter([KEY]);
      const told = [`My key is ${KEY.slice(0, at)}`, KEY.slice(at), " and sk-", "nothing"].map((piece) =>
        filter.push(piece),
      );
      expect(told.join("") + filter.end()).toBe("My key is [secret removed] and sk-nothing");
    }
  });
});
