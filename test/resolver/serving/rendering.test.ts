import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createResolver,
  MemorySource,
  type Resolver,
  type TokenOptions,
} from "../../../src/resolver/index.ts";
import { estimateTokens } from "../../../src/resolver/serving/token-counter.ts";
import { artifact } from "../support/artifacts.ts";
import { referenceEncoding } from "../../support/reference-encoding.ts";

const SCOPE = { label: "production", prompt: "greeting" };

let source: MemorySource;
let resolver: Resolver;

beforeEach(() => {
  source = new MemorySource();
});
afterEach(() => resolver.close());

async function open(more: Parameters<typeof artifact>[1] = {}, tokens: TokenOptions = {}) {
  const given = artifact("Hello", {
    messages: [
      { role: "system", content: "Be kind." },
      { placeholder: "history" },
      { role: "user", content: "Hello, {{name}}" },
    ],
    ...more,
  });
  source.setPointer(SCOPE, { active: source.addVersion("greeting", given) });
  resolver = await createResolver({ source, tokens, preload: ["greeting"], onWarning: () => undefined });
  return resolver.resolveSync({ prompt: "greeting" });
}

describe("a resolved prompt", () => {
  it("is a request that the vendors' SDKs take without a cast", async () => {
    const prompt = await open();
    // Nothing is sent: that it compiles is the test.
    const openai = new OpenAI({ apiKey: "none", baseURL: "http://127.0.0.1:1", maxRetries: 0 });
    const anthropic = new Anthropic({ apiKey: "none", baseURL: "http://127.0.0.1:1", maxRetries: 0 });
    await Promise.allSettled([
      openai.chat.completions.create(prompt.toOpenAI({ name: "Ann" })),
      openai.responses.create(prompt.toOpenAIResponses({ name: "Ann" })),
      anthropic.messages.create(prompt.toAnthropic({ name: "Ann" }, { cache: true })),
    ]);
    expect(prompt.toOpenAI({ name: "Ann" }).messages.at(-1)).toEqual({ role: "user", content: "Hello, Ann" });
    expect(prompt.toOpenAIResponses({ name: "Ann" }).input.at(-1)).toEqual({
      role: "user",
      content: "Hello, Ann",
    });
    expect(prompt.toAnthropic({ name: "Ann" })).toMatchObject({
      system: [{ text: "Be kind." }],
      messages: [{ content: "Hello, Ann" }],
    });
  });

  describe("of the neutral fallback is a usable request", () => {
    const history = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: null, refusal: "No." },
    ] as const;

    it("for the vendor that was asked for, with what the caller passed", async () => {
      resolver = await createResolver({ source, onWarning: () => undefined });
      const prompt = resolver.resolveSync({ prompt: "not-there" });
      expect(prompt.toOpenAI({ question: "Do you ship?" })).toMatchObject({
        model: "gpt-5.4-mini",
        messages: [{ role: "system" }, { role: "user", content: "Do you ship?" }],
      });
      const anthropic = prompt.toAnthropic({ product: "Tea", question: "Do you ship?" }, { history });
      expect(anthropic.model).toBe("claude-haiku-4-5");
      expect(anthropic.messages).toEqual([
        { role: "user", content: "Hi" },
        { role: "assistant", content: "No." },
        { role: "user", content: "product: Tea\nquestion: Do you ship?" },
      ]);
      expect(prompt.toAnthropic().messages).toHaveLength(1);
    });

    it("with the models that an option names", async () => {
      const fallbackModels = { anthropic: "claude-mine" };
      resolver = await createResolver({ source, fallbackModels, onWarning: () => undefined });
      const prompt = resolver.resolveSync({ prompt: "not-there" });
      expect(prompt.toAnthropic({ q: "x" }).model).toBe("claude-mine");
      expect(prompt.toOpenAIResponses({ q: "x" }).model).toBe("gpt-5.4-mini");
    });
  });

  it("says when the request's model is not the one that was asked for", async () => {
    await open();
    const prompt = await resolver.resolve({ prompt: "greeting", model: "gpt-4o" });
    expect(prompt.render().warnings).toEqual([
      'asked for model "gpt-4o", the request uses the artifact\'s, "openai/gpt-5.4-mini"',
    ]);
    const same = await resolver.resolve({ prompt: "greeting", model: "openai/gpt-5.4-mini" });
    expect(same.render().warnings).toEqual([]);
  });

  it("gives a span the names that GenAI conventions and Langfuse know", async () => {
    const prompt = await open();
    expect(prompt.attributes()).toMatchObject({
      "gen_ai.prompt.name": "greeting",
      "langfuse.observation.prompt.name": "greeting",
      "langfuse.observation.prompt.version": 1,
      "sluice.prompt.label": "production",
      "sluice.prompt.arm": "unenrolled",
      "sluice.prompt.token": prompt.token,
    });
  });

  it("leaves out the oldest history to fit the model's window, and says so", async () => {
    const prompt = await open({}, { windows: { "gpt-5.4-mini": 300 } });
    const history = Array.from({ length: 40 }, (_, i) => ({
      role: i % 2 === 0 ? ("user" as const) : ("assistant" as const),
      content: `This is what was said in turn number ${i} of a long conversation.`,
    }));
    const { messages, warnings, tokens } = prompt.render({ name: "Ann" }, { history, fit: true });
    expect(messages[0]).toEqual({ role: "system", content: "Be kind." });
    expect(messages.at(-1)).toEqual({ role: "user", content: "Hello, Ann" });
    expect(messages.at(-2)).toEqual(history.at(-1));
    expect(messages.length).toBeLessThan(42);
    expect(tokens).toBeLessThanOrEqual(270);
    expect(warnings[0]).toMatch(/of 40 history messages were left out/);
    expect(prompt.render({}, { history }).messages).toHaveLength(42);
  });

  it("says that it cannot fit into a window that nobody knows", async () => {
    const prompt = await open({ model: "openai/my-own" });
    expect(prompt.render({}, { fit: true }).warnings[0]).toContain(
      'the context window of "openai/my-own" is not known',
    );
    expect(prompt.render({}, { fit: { window: 100 } }).warnings).toEqual([]);
  });

  it("counts tokens exactly where it was asked to and the tokenizer is public", async () => {
    const prompt = await open({}, { count: "exact" });
    const encoding = referenceEncoding("o200k_base");
    const rendered = prompt.render({ name: "Ann" });
    const expected = rendered.messages.reduce((sum, { content }) => sum + encoding.encode(content).length, 0);
    expect([rendered.tokens, rendered.tokensExact]).toEqual([expected, true]);
    await resolver.close();
    const other = await open({ model: "anthropic/claude-sonnet-4" }, { count: "exact" });
    expect(other.render().tokensExact).toBe(false);
  });

  it.each([
    [
      "prose",
      "A canary is served only under a lease, counted on the service's own clock, which only goes forward. ",
    ],
    ["JSON", '{"name": "kettle", "price": 39.95, "tags": ["kitchen", "steel"], "inStock": true}, '],
    ["Chinese", "您的订单今天已经发货。商品可能需要两到三天才能到达，敬请谅解。"],
    ["German", "Die Straßenbahn fährt heute wegen Bauarbeiten nicht bis zur Endhaltestelle. "],
  ])("estimates the tokens of %s within a quarter", (_, text) => {
    const exact = referenceEncoding("o200k_base").encode(text.repeat(10)).length;
    expect(estimateTokens(text.repeat(10)) / exact).toBeGreaterThan(0.8);
    expect(estimateTokens(text.repeat(10)) / exact).toBeLessThan(1.25);
  });
});
