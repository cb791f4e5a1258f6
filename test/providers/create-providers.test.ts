import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { parseModelTarget } from "../../src/domain/prompt/artifact.ts";
import { SluiceError } from "../../src/domain/errors.ts";
import { createProviders, type ProvidersOptions } from "../../src/providers/create-providers.ts";
import { chatAnswer, json, messageAnswer, text, wireServer, type WireAnswer } from "./wire-server.ts";

const gpt = parseModelTarget("openai/gpt-5-mini")!;
const claude = parseModelTarget("anthropic/claude-haiku-4-5")!;
const chat = { messages: [{ role: "user", content: "hello" }] };
const message = { ...chat, max_tokens: 100 };
const quick: ProvidersOptions = { retry: { baseDelayMs: 1 } };

async function failure(promise: Promise<unknown>): Promise<SluiceError> {
  const error: unknown = await promise.then(
    () => new Error("it did not fail"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SluiceError);
  return error as SluiceError;
}

/** What one openai call does against an endpoint with these answers. */
async function against(answers: WireAnswer[], options: ProvidersOptions = {}) {
  const server = await wireServer(...answers);
  const providers = createProviders({
    ...quick,
    openai: { apiKey: "k", baseURL: `${server.url}/v1` },
    ...options,
  });
  return { server, call: () => providers.complete({ target: gpt, request: chat }) };
}

describe("a call to a model", () => {
  it("goes through OpenAI's chat completions and reports text, tokens and the list price", async () => {
    await using server = await wireServer(chatAnswer("hi"));
    const providers = createProviders({ openai: { apiKey: "secret", baseURL: `${server.url}/v1` } });
    const answer = await providers.complete({ target: gpt, request: chat });
    expect(answer).toMatchObject({
      text: "hi",
      finishReason: "stop",
      usage: { inputTokens: 1000, outputTokens: 500 },
      costUsd: 1000 * 0.25e-6 + 500 * 2e-6,
      attempts: 1,
    });
    expect(server.requests[0]!.path).toBe("/v1/chat/completions");
    expect(server.requests[0]!.headers.authorization).toBe("Bearer secret");
    expect(JSON.parse(server.requests[0]!.body)).toMatchObject({ model: "gpt-5-mini", ...chat });
  });

  it("costs what is not known where an endpoint leaves its usage out, and all that was set aside of a budget", async () => {
    const openai = json(200, { choices: [{ finish_reason: "stop", message: { content: "hi" } }] });
    const anthropic = json(200, { content: [{ type: "text", text: "hi" }], stop_reason: "end_turn" });
    for (const [target, request, answer] of [
      [gpt, chat, openai],
      [claude, message, anthropic],
    ] as const) {
      await using server = await wireServer(answer);
      const providers = createProviders({
        openai: { apiKey: "k", baseURL: server.url },
        anthropic: { apiKey: "k", baseURL: server.url },
      });
      const settled: number[] = [];
      const reserved: number[] = [];
      const budget = {
        reserve(usd: number) {
          reserved.push(usd);
          return Promise.resolve({ settle: (paid: number) => Promise.resolve(void settled.push(paid)) });
        },
      };
      const { costUsd, text } = await providers.complete({ target, request, budget });
      expect({ costUsd, text }).toEqual({ costUsd: null, text: "hi" });
      expect(reserved[0]).toBeGreaterThan(0);
      expect(settled).toEqual(reserved);
    }
  });

  it("takes an empty text that the model ended by itself as its answer, of either vendor", async () => {
    await using server = await wireServer(chatAnswer(""), messageAnswer([]), messageAnswer([], "max_tokens"));
    const providers = createProviders({
      openai: { apiKey: "k", baseURL: `${server.url}/v1` },
      anthropic: { apiKey: "k", baseURL: server.url },
    });
    expect(await providers.complete({ target: gpt, request: chat })).toMatchObject({ text: "" });
    const asked = { target: claude, request: message };
    expect(await providers.complete(asked)).toMatchObject({ text: "", refused: false });
    expect((await failure(providers.complete(asked))).message).toMatch(
      /without text \(stop_reason max_tokens\)/,
    );
  });

  it("goes through Anthropic's messages and reads tool calls", async () => {
    const tool = { type: "tool_use", id: "t1", name: "look_up", input: { q: "x" } };
    await using server = await wireServer(messageAnswer([tool], "tool_use"));
    const providers = createProviders({ anthropic: { apiKey: "secret", baseURL: server.url } });
    const answer = await providers.complete({ target: claude, request: message });
    expect(answer.toolCalls).toEqual([{ id: "t1", name: "look_up", arguments: '{"q":"x"}' }]);
    expect(answer).toMatchObject({ text: "", finishReason: "tool_calls", costUsd: 0.0035 });
    expect(server.requests[0]!.path).toBe("/v1/messages");
    expect(server.requests[0]!.headers.authorization).toBe("Bearer secret");
  });

  it("has no price for a model that no table knows", async () => {
    await using server = await wireServer(chatAnswer("hi"));
    const providers = createProviders({ openai: { baseURL: `${server.url}/v1` } });
    const target = { provider: "openai" as const, model: "my-model" };
    expect((await providers.complete({ target, request: chat })).costUsd).toBeNull();
  });

  it("tries again after a 500, and says how often it tried", async () => {
    const { server, call } = await against([json(500, {}), json(503, {}), chatAnswer("hi")]);
    await using _ = server;
    expect(await call()).toMatchObject({ text: "hi", attempts: 3 });
  });

  it("gives up on a rate limit that never ends", async () => {
    const limited = json(429, { error: { message: "slow down" } }, { "retry-after-ms": "1" });
    const { server, call } = await against([limited], { ...quick, maxRetries: 2 });
    await using _ = server;
    const error = await failure(call());
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(error.details).toMatchObject({ kind: "rate_limit", status: 429, attempts: 3 });
    expect(error.message).toContain("slow down");
  });

  it("does not wait for a retry-after of an hour", async () => {
    const { server, call } = await against([json(429, {}, { "retry-after": "3600" })]);
    await using _ = server;
    expect((await failure(call())).details).toMatchObject({ attempts: 1, retryAfterMs: 3_600_000 });
  });

  it("holds back the other calls of a provider that asked to wait", async () => {
    const server = await wireServer(json(429, {}, { "retry-after-ms": "300" }), chatAnswer("hi"));
    await using _ = server;
    const providers = createProviders({ ...quick, openai: { apiKey: "k", baseURL: `${server.url}/v1` } });
    const started = performance.now();
    const first = providers.complete({ target: gpt, request: chat });
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await providers.complete({ target: gpt, request: chat });
    expect(performance.now() - started).toBeGreaterThanOrEqual(295);
    await first;
  });

  const cases: [string, WireAnswer, string, string, RegExp][] = [
    ["401", json(401, { error: { message: "bad key" } }), "auth", "forbidden", /OPENAI_API_KEY/],
    ["404", json(404, { error: { message: "no such model" } }), "model", "not_found", /gpt-5-mini/],
    ["400", json(400, { error: { message: "no tools" } }), "request", "invalid_input", /no tools/],
    ["500", json(500, { error: { message: "oops" } }), "server", "unavailable", /answered 500 \(oops\)/],
    ["a 502 page", text(502, "<html>gateway</html>"), "server", "unavailable", /answered 502;/],
    [
      "HTML",
      text(200, "<!doctype html><p>hi", { "content-type": "text/html" }),
      "html",
      "unavailable",
      /web page/,
    ],
    ["nothing", text(200, ""), "empty", "unavailable", /an empty answer/],
    ["broken JSON", text(200, '{"a":'), "malformed", "unavailable", /not valid JSON/],
    ["another JSON", json(200, { ok: 1 }), "malformed", "unavailable", /without choices/],
    ["an array", json(200, []), "malformed", "unavailable", /not an object/],
    ["no text", chatAnswer(null), "no_text", "unavailable", /without text/],
  ];
  for (const [what, answer, kind, code, says] of cases)
    it(`says what is wrong when the endpoint answers ${what}`, async () => {
      const { server, call } = await against([answer], { ...quick, maxRetries: 1 });
      await using _ = server;
      const error = await failure(call());
      expect(error.details["kind"]).toBe(kind);
      expect(error.code).toBe(code);
      expect(error.message).toMatch(says);
      expect(error.message).not.toContain("\n");
    });

  it("says the same of Anthropic's endpoint", async () => {
    await using server = await wireServer(
      json(401, { type: "error", error: { type: "a", message: "bad key" } }),
    );
    const providers = createProviders({ anthropic: { apiKey: "k", baseURL: server.url } });
    const error = await failure(providers.complete({ target: claude, request: message }));
    expect(error.message).toMatch(
      /^anthropic\/claude-haiku-4-5: .* answered 401 \(bad key\); set ANTHROPIC_API_KEY/,
    );
  });

  it("names the address that refuses connections", async () => {
    const server = await wireServer(chatAnswer("hi"));
    await server[Symbol.asyncDispose]();
    const providers = createProviders({
      ...quick,
      maxRetries: 0,
      openai: { apiKey: "k", baseURL: server.url },
    });
    const error = await failure(providers.complete({ target: gpt, request: chat }));
    expect(error.details["kind"]).toBe("connection");
    expect(error.message).toContain(`cannot reach ${server.url} (ECONNREFUSED)`);
  });

  it("refuses credentials that stand in the address, without showing them", async () => {
    const providers = createProviders({
      openai: { apiKey: "k", baseURL: "http://user:hunter2@127.0.0.1:9/v1" },
    });
    const error = await failure(providers.complete({ target: gpt, request: chat }));
    expect(error.code).toBe("invalid_input");
    expect(error.message).toContain("OPENAI_API_KEY");
    expect(JSON.stringify([error.message, error.details])).not.toContain("hunter2");
  });

  it("never says, answers or keeps a key that an endpoint sends back, of either vendor", async () => {
    const openai = "sk-openai-0123456789";
    const anthropic = "sk-ant-9876543210";
    const bodies = [
      ...[400, 401, 404, 429, 500].map((status) =>
        json(status, { error: { message: `request refused: Bearer ${openai} ${anthropic}` } }),
      ),
      text(500, `Authorization: ${openai} x-api-key: ${anthropic}`),
      text(200, `<html>${openai} ${anthropic}`, { "content-type": "text/html" }),
      text(200, `${openai} ${anthropic}`),
      (response: Parameters<WireAnswer>[0]) => {
        response.statusMessage = `${openai} ${anthropic}`;
        response.writeHead(500).end();
      },
      chatAnswer(`you sent ${openai}, ${anthropic}`, {
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: `"${anthropic}"` } }],
      }),
      messageAnswer([{ type: "text", text: `you sent ${anthropic}, ${openai}` }]),
    ];
    for (const body of bodies)
      for (const [target, request] of [
        [gpt, chat],
        [claude, message],
      ] as const) {
        await using server = await wireServer(body);
        const providers = createProviders({
          ...quick,
          maxRetries: 0,
          openai: { apiKey: openai, baseURL: server.url },
          anthropic: { apiKey: anthropic, baseURL: server.url },
        });
        const came = await providers.complete({ target, request }).catch((error: unknown) => error);
        // With all that an error has behind it: a history keeps its causes too.
        const all = inspect(came, { depth: 20, maxStringLength: null });
        expect(server.requests).toHaveLength(1);
        expect(all.replaceAll(server.url, "")).not.toMatch(/0123456789|9876543210/);
      }
  });

  it("says which key is missing, before it connects", async () => {
    const error = await failure(createProviders().complete({ target: gpt, request: chat }));
    expect(error).toMatchObject({ code: "forbidden", retryable: false });
    expect(error.message).toContain("OPENAI_API_KEY");
  });

  it("stops reading an answer that is too large", async () => {
    const flood: WireAnswer = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = "x".repeat(1024 * 1024);
      let sent = 0;
      const pump = () => {
        while (sent++ < 64) if (!response.write(chunk)) return void response.once("drain", pump);
        response.end();
      };
      pump();
    };
    const { server, call } = await against([flood]);
    await using _ = server;
    const error = await failure(call());
    expect(error.details).toMatchObject({ kind: "too_large", attempts: 1 });
    expect(error.message).toContain("more than 20 MB");
  });

  it("says that an answer broke off", async () => {
    const cut: WireAnswer = (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
      response.write('{"choices": [', () => response.destroy());
    };
    const { server, call } = await against([cut], { ...quick, maxRetries: 1 });
    await using _ = server;
    const error = await failure(call());
    expect(error.details).toMatchObject({ kind: "truncated", attempts: 2 });
  });

  it("gives up on an endpoint that takes the request and never answers, also half-way", async () => {
    const silent: WireAnswer = () => {};
    const halfway: WireAnswer = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
    };
    for (const answer of [silent, halfway]) {
      const { server, call } = await against([answer], { ...quick, maxRetries: 0, timeoutMs: 50 });
      await using _ = server;
      expect((await failure(call())).details["kind"]).toBe("timeout");
    }
  });

  it("stops at once when it is cancelled", async () => {
    const controller = new AbortController();
    await using server = await wireServer(() => controller.abort());
    const providers = createProviders({ openai: { apiKey: "k", baseURL: server.url } });
    const call = providers.complete({ target: gpt, request: chat, signal: controller.signal });
    expect((await failure(call)).details["kind"]).toBe("cancelled");
  });

  it("keeps no more calls in flight than it may", async () => {
    let inFlight = 0;
    let most = 0;
    const slow: WireAnswer = (response, request, body) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight -= 1;
        chatAnswer("hi")(response, request, body);
      }, 20);
    };
    await using server = await wireServer(slow);
    const providers = createProviders({ concurrency: 3, openai: { apiKey: "k", baseURL: server.url } });
    await Promise.all(Array.from({ length: 12 }, () => providers.complete({ target: gpt, request: chat })));
    expect(most).toBe(3);
  });
});
