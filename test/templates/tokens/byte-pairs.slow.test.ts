import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadBytePairs, MAX_PIECE } from "../../../src/templates/tokens/byte-pairs.ts";
import { tokenizerOf } from "../../../src/templates/tokens/token-encodings.ts";
import { referenceEncoding } from "../../support/reference-encoding.ts";
import { anyText } from "../../support/any-text.ts";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/tokens/${name}.json`, import.meta.url), "utf8"));
const texts = read("texts") as Record<string, string[]>;
// Made by tiktoken itself: scripts/token-counts.py.
const counts = read("counts") as Record<"cl100k_base" | "o200k_base", Record<string, number[]>>;

describe.each(["cl100k_base", "o200k_base"] as const)("tokens of %s", (name) => {
  it.each(Object.keys(texts))("are tiktoken's for %s", async (script) => {
    const pairs = await loadBytePairs(name);
    expect(texts[script]!.map((text) => pairs.count(text))).toEqual(
      counts[name][script]!.map((tokens) => ({ tokens, exact: true })),
    );
  });

  it("are those of another implementation for any text", async () => {
    const pairs = await loadBytePairs(name);
    const reference = referenceEncoding(name);
    fc.assert(
      fc.property(anyText({ maxLength: 60 }), (text) => {
        expect(pairs.count(text).tokens).toBe(reference.encode(text, [], []).length);
      }),
      { numRuns: 300 },
    );
  });

  it("of a word longer than any are counted in linear time, and said to be an estimate", async () => {
    const pairs = await loadBytePairs(name);
    const piece = pairs.count("a".repeat(MAX_PIECE));
    expect(piece.exact).toBe(true);
    // A quadratic count of this many would take longer than any test may.
    expect(pairs.count("a".repeat(500 * MAX_PIECE))).toEqual({ tokens: 500 * piece.tokens, exact: false });
  });
});

describe("the encoding of a model", () => {
  it.each([
    ["openai/gpt-4", "cl100k_base"],
    ["openai/gpt-4-0613", "cl100k_base"],
    ["openai/gpt-4-turbo", "cl100k_base"],
    ["openai/gpt-3.5-turbo-0125", "cl100k_base"],
    ["openai/ft:gpt-3.5-turbo", "cl100k_base"],
    ["openai/text-embedding-3-small", "cl100k_base"],
    ["openai/gpt-4o-mini", "o200k_base"],
    ["openai/gpt-4.1-mini", "o200k_base"],
    ["openai/gpt-5-mini", "o200k_base"],
    ["openai/gpt-5.2", "o200k_base"],
    ["openai/o3-mini", "o200k_base"],
  ])("of %s is %s", (model, encoding) => {
    expect(tokenizerOf(model)).toEqual({ encoding, factor: 1, exact: true });
  });

  it.each([
    "openai/gpt-40",
    "openai/o11",
    "openai/brand-new",
    "anthropic/claude-haiku-4-5",
    "anthropic/gpt-4",
  ])("of %s is not known, so that its tokens are an estimate", (model) => {
    expect(tokenizerOf(model).exact).toBe(false);
  });
});
