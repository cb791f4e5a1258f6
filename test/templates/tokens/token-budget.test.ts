import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { compileArtifact } from "../../../src/templates/artifact-template.ts";
import { contextWindow } from "../../../src/templates/tokens/context-windows.ts";
import type { PlaceholderMessage, RenderedMessage } from "../../../src/templates/rendered-message.ts";
import { fitMessages, type MessageOrigin } from "../../../src/templates/tokens/token-budget.ts";

/** A token is a character here, so that sums can be done by hand; each message costs 4 more. */
const count = (text: string) => text.length;

const messages: RenderedMessage[] = [
  { role: "system", content: "s".repeat(20) },
  { role: "user", content: "example" },
  { role: "assistant", content: "answer" },
  { role: "user", content: "oldest" },
  {
    role: "assistant",
    content: "",
    tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
  },
  { role: "tool", content: "result", tool_call_id: "1" },
  { role: "assistant", content: "so" },
  { role: "user", content: "newer" },
  { role: "assistant", content: "fine" },
  { role: "user", content: "now" },
];
const origins: MessageOrigin[] = [
  "prompt",
  "example",
  "example",
  ...Array.from({ length: 6 }, (): MessageOrigin => "history"),
  "prompt",
];
const cost = fitMessages(messages, origins, { window: 10_000, count }).tokens;
const fit = (limit: number) => fitMessages(messages, origins, { window: limit, headroom: 0, count });

describe("fitting messages into a context window", () => {
  it("changes nothing while they fit", () => {
    expect(fit(cost)).toEqual({ messages, tokens: cost, warnings: [] });
  });

  it("leaves out the oldest turn first, whole, with its tool call and the result", () => {
    const { messages: kept, tokens, warnings } = fit(cost - 1);
    expect(kept.map((message) => message.content)).toEqual([
      "s".repeat(20),
      "example",
      "answer",
      "newer",
      "fine",
      "now",
    ]);
    expect(tokens).toBeLessThan(cost);
    expect(warnings).toEqual([`4 of 6 history messages were left out to fit ${cost - 1} tokens`]);
  });

  it("leaves out all history, then examples, before it touches the system message", () => {
    expect(fit(20 + 3 + 8 + 7 + 6 + 8).messages.map((message) => message.content)).toEqual([
      "s".repeat(20),
      "example",
      "answer",
      "now",
    ]);
    expect(fit(20 + 3 + 8).messages.map((message) => message.content)).toEqual(["s".repeat(20), "now"]);
  });

  it("cuts the end of the system message last, and says so", () => {
    const { messages: kept, tokens, warnings } = fit(3 + 8 + 12);
    expect(kept).toEqual([
      { role: "system", content: "s".repeat(12) },
      { role: "user", content: "now" },
    ]);
    expect(tokens).toBe(3 + 8 + 12);
    expect(warnings.at(-1)).toBe("the system message was cut from 20 to 12 characters to fit 23 tokens");
  });

  it("refuses what cannot fit, saying by how much", () => {
    expect(() => fit(11)).toThrow("they are 20 tokens over the 11");
    expect(() => fitMessages(messages, origins, { window: 0, count })).toThrow("window must be more than 0");
    expect(() => fitMessages(messages, origins, { window: 9, headroom: 1, count })).toThrow("headroom");
  });

  it("keeps a tenth of the window free, and room for the answer and for what is sent beside", () => {
    const exactly = (cost + 30) / 0.9;
    const budget = { window: Math.ceil(exactly), output: 10, count };
    expect(fitMessages(messages, origins, budget, 20).warnings).toEqual([]);
    expect(fitMessages(messages, origins, budget, 22).warnings).toHaveLength(1);
  });

  it("never exceeds the limit, never loses the prompt's own messages, never orphans a tool result", () => {
    const turn = fc.constantFrom<RenderedMessage[]>(
      [{ role: "user", content: "question" }],
      [{ role: "assistant", content: "reply" }],
      messages.slice(4, 6),
    );
    fc.assert(
      fc.property(
        fc.array(turn),
        fc.integer({ min: 13, max: 600 }),
        fc.string({ unit: "grapheme" }),
        (turns, window, system) => {
          const history = turns.flat();
          const all: RenderedMessage[] = [
            { role: "system", content: system },
            ...history,
            { role: "user", content: "now" },
          ];
          const from: MessageOrigin[] = ["prompt", ...history.map((): MessageOrigin => "history"), "prompt"];
          let fitted;
          try {
            fitted = fitMessages(all, from, { window, headroom: 0, count });
          } catch (error) {
            expect(error).toMatchObject({ code: "invalid_input" });
            return;
          }
          expect(fitted.tokens).toBeLessThanOrEqual(window);
          expect(fitted.messages[0]!.role).toBe("system");
          expect(system.startsWith(fitted.messages[0]!.content)).toBe(true);
          expect(fitted.messages[0]!.content.isWellFormed()).toBe(true);
          expect(fitted.messages.at(-1)).toEqual({ role: "user", content: "now" });
          const rest = fitted.messages.slice(1, -1);
          expect(history.slice(history.length - rest.length)).toEqual(rest);
          if (rest.length < history.length) expect([undefined, "user"]).toContain(rest[0]?.role);
        },
      ),
    );
  });

  it("happens while rendering when a budget is given", () => {
    const artifact: Artifact = {
      syntax: "jinja",
      model: "openai/gpt-5-mini",
      params: { max_tokens: 30 },
      variables: {},
      messages: [
        { role: "system", content: "be brief" },
        { placeholder: "history" },
        { role: "user", content: "now" },
      ],
      examples: [{ input: "i", output: "o" }],
    };
    const history: PlaceholderMessage[] = [
      { role: "user", content: "long ago".repeat(10) },
      { role: "assistant", content: "yes" },
    ];
    const template = compileArtifact(artifact);
    const whole = template.render({}, { history, budget: { window: 1000, count } });
    expect(whole).toMatchObject({ warnings: [], tokens: 8 + 1 + 1 + 80 + 3 + 3 + 6 * 4 });
    const tight = template.render({}, { history, budget: { window: 80, headroom: 0, count } });
    expect(tight.messages.map((message) => message.content)).toEqual(["be brief", "i", "o", "now"]);
    expect(tight.warnings).toEqual(["2 of 2 history messages were left out to fit 50 tokens"]);
    expect(template.render({}, { history })).not.toHaveProperty("tokens");
  });
});

describe("the context windows", () => {
  it.each([
    ["openai/gpt-5-mini", 272_000],
    ["gpt-4o-2024-11-20", 128_000],
    ["gpt-4.1-nano", 1_047_576],
    ["gpt-4-0613", 8_192],
    ["o3-mini", 200_000],
    ["o10", undefined],
    ["anthropic/claude-sonnet-4-5", 200_000],
    ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", 200_000],
    ["llama-9", undefined],
  ])("of %s is %s", (model, tokens) => {
    expect(contextWindow(model)).toBe(tokens);
  });

  it("can be extended and corrected", () => {
    const own = { "llama-9": 8_000, "claude-sonnet-4-5": 1_000_000, claude: 1 };
    expect(contextWindow("llama-9-instruct", own)).toBe(8_000);
    expect(contextWindow("anthropic/claude-sonnet-4-5-20250929", own)).toBe(1_000_000);
    expect(contextWindow("claude-haiku-4-5", own)).toBe(1);
  });
});
