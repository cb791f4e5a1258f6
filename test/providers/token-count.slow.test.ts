import { describe, expect, it } from "vitest";
import { countTokens } from "../../src/providers/token-count.ts";
import { referenceEncoding } from "../support/reference-encoding.ts";

describe("a token count", () => {
  it("is that of OpenAI's own encoding, also of what looks like a control token", async () => {
    const reference = referenceEncoding("o200k_base");
    for (const text of [
      "",
      "hello world",
      "请问如何退货？ 🙂 كيف",
      "<|endoftext|> x <|im_start|>",
      "\ud800 half",
    ])
      expect(await countTokens(text, "openai/gpt-5-mini")).toEqual({
        tokens: reference.encode(text, [], []).length,
        exact: true,
      });
  });

  it("is an estimate, somewhat higher, for other models", async () => {
    const claude = await countTokens("hello world ".repeat(100), "anthropic/claude-haiku-4-5");
    const gpt = await countTokens("hello world ".repeat(100), "openai/gpt-5-mini");
    expect(claude.exact).toBe(false);
    expect(claude.tokens).toBeGreaterThan(gpt.tokens);
  });
});
