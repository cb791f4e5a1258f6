import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { demoOpinion, demoQuestion } from "../../src/demo/demo-user.ts";
import { replyTo } from "../../src/local/model-server/reply.ts";

interface PromptFile {
  readonly messages: readonly { readonly content: string }[];
}

/** What 400 users make of a version of the example, on average. */
function meanRating(file: string): number {
  const path = new URL(`../../examples/support-reply/${file}.yaml`, import.meta.url);
  const prompt = parse(readFileSync(path, "utf8")) as PromptFile;
  const system = prompt.messages[0]!.content.replace("{{ product }}", "Lumen");
  let sum = 0;
  for (let user = 0; user < 400; user++) {
    const seed = `user-${user}`;
    const question = demoQuestion(seed);
    const { text } = replyTo(
      {
        provider: "openai",
        model: "m",
        system,
        turns: [{ role: "user", text: question }],
        tools: [],
        toolChoice: "auto",
        schema: undefined,
        jsonMode: false,
        maxTokens: 400,
        seed: undefined,
        stream: false,
      },
      1,
    );
    sum += demoOpinion(question, text, seed).rating;
  }
  return sum / 400;
}

describe("the simulated users", () => {
  it("like the better version more and the worse one less than the first", () => {
    const [first, better, worse] = ["support-reply", "better", "worse"].map(meanRating);
    expect(better! - first!).toBeGreaterThan(0.5);
    expect(first! - worse!).toBeGreaterThan(0.5);
  });

  it("see an error page where the format is broken", () => {
    expect(meanRating("broken")).toBe(1);
  });

  it("differ in taste, and each is always of the same opinion", () => {
    const answer = JSON.stringify({ answer: "You can get a full refund within 30 days of the purchase." });
    const opinion = (seed: string) => demoOpinion("Can I get a refund?", answer, seed);
    const ratings = new Set(Array.from({ length: 200 }, (_, user) => opinion(`u${user}`).rating));
    expect([...ratings]).toEqual(expect.arrayContaining([2, 3, 4, 5]));
    expect(opinion("u1")).toEqual(opinion("u1"));
  });

  it("mind a wrong fact", () => {
    const rate = (text: string) =>
      demoOpinion("Can I get a refund?", JSON.stringify({ answer: text }), "u1").rating;
    expect(rate("You can get a full refund within 90 days of the purchase.")).toBeLessThan(
      rate("You can get a full refund within 30 days of the purchase."),
    );
  });
});
