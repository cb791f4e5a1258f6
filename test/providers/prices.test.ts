import { describe, expect, it } from "vitest";
import { costOf, LIST_PRICES, priceOf, readPrices } from "../../src/providers/prices.ts";

describe("what tokens cost", () => {
  const usage = {
    inputTokens: 1_000_000,
    cachedInputTokens: 600_000,
    cacheWriteTokens: 100_000,
    outputTokens: 0,
  };

  it("is their own price where they were read from the vendor's cache or written to it", () => {
    const price = { input: 2, output: 8, cached_input: 0.5, cache_write: 2.5 };
    expect(costOf(usage, price)).toBeCloseTo(0.3 * 2 + 0.6 * 0.5 + 0.1 * 2.5);
    expect(costOf(usage, { input: 2, output: 8 })).toBeCloseTo(2);
  });

  it("comes from the table of models, also for a dated snapshot", () => {
    expect(priceOf({ provider: "openai", model: "gpt-4.1-mini-2025-04-14" })).toMatchObject({
      input: 0.4,
      output: 1.6,
      cached_input: 0.1,
    });
    expect(priceOf({ provider: "anthropic", model: "claude-haiku-4-5-20251001" })).toMatchObject({
      cached_input: 0.1,
      cache_write: 1.25,
    });
    expect(Object.keys(LIST_PRICES).length).toBeGreaterThan(50);
  });

  it("can be said in a prices file, cached input too", () => {
    const prices = readPrices("openai/mine: { input: 1, output: 2, cached_input: 0.1 }", "prices.yaml");
    expect(prices["openai/mine"]).toEqual({ input: 1, output: 2, cached_input: 0.1 });
  });
});
