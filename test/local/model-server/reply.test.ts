import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rubricQuestion } from "../../../src/evaluation/grading/assertions/judge.ts";
import { TOPICS, topicOf } from "../../../src/local/model-server/knowledge.ts";
import type { ModelRequest } from "../../../src/local/model-server/model-request.ts";
import { replyTo } from "../../../src/local/model-server/reply.ts";
import { delimit } from "../../../src/templates/untrusted.ts";

function request(system: string, user: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    provider: "openai",
    model: "gpt-5-mini",
    system,
    turns: [{ role: "user", text: user }],
    tools: [],
    toolChoice: "auto",
    schema: undefined,
    jsonMode: false,
    maxTokens: undefined,
    seed: undefined,
    stream: false,
    ...more,
  };
}

const support = "You answer questions of customers of Lumen.";
const answer = (system: string, user = TOPICS[0]!.question, seed = 1) =>
  replyTo(request(system, user), seed).text;

describe("the scripted assistant", () => {
  it("knows every topic by its own question", () => {
    for (const topic of TOPICS) expect(topicOf(topic.question)?.id).toBe(topic.id);
  });

  it("says the same for the same request and seed, and varies its words with the seed", () => {
    expect(answer(support)).toBe(answer(support));
    const said = new Set(Array.from({ length: 20 }, (_, seed) => answer(support, undefined, seed)));
    expect(said.size).toBeGreaterThan(1);
  });

  it("answers in JSON when told to, with the keys of the example", () => {
    const text = answer(
      `${support} Answer with JSON: {"reply": "text", "category": "its kind", "confidence": 0.5}`,
    );
    expect(JSON.parse(text)).toEqual({
      reply: expect.stringContaining("30 days"),
      category: "billing",
      confidence: 0.9,
    });
  });

  it.each(["Answer in plain prose.", "Do not use JSON.", "Answer without JSON, in a letter."])(
    "takes %s at its word",
    (rule) => {
      expect(() => JSON.parse(answer(`${support} ${rule}`))).toThrow("JSON");
    },
  );

  it("still answers in JSON when another form is forbidden", () => {
    expect(JSON.parse(answer(`${support} Respond only with JSON, no markdown.`))).toHaveProperty("answer");
  });

  it("gives steps, quotes the policy, is brief or flatters as it is asked", () => {
    const topic = TOPICS[0]!;
    expect(answer(support)).not.toMatch(/1\.|policy says|question/);
    expect(answer(`${support} Give the concrete steps.`)).toContain(`1. ${topic.steps[0]}`);
    expect(answer(`${support} Quote the policy that applies.`)).toContain(topic.policy);
    expect(answer(`${support} Be brief.`)).toBe(topic.fact);
    const fawning = answer(`${support} Praise the customer. Elaborate at length.`);
    expect(fawning).toContain("You are simply the best!");
    expect(fawning.split(/\s+/).length).toBeGreaterThan(60);
    expect(fawning).toContain(topic.fact);
  });

  it("gets some facts wrong when told to guess", () => {
    const wrong = TOPICS.filter((topic) =>
      answer(`${support} Guess.`, topic.question).includes(topic.wrongFact),
    );
    expect(wrong.length).toBeGreaterThan(1);
    expect(wrong.length).toBeLessThan(TOPICS.length);
  });

  it("keeps to the facts that the prompt lists, also to a wrong one, and knows no other", () => {
    const facts = (list: string) => `${support}\nUse only the facts below.\n${list}`;
    const refund = "Can I get a refund?";
    expect(answer(facts("- Refunds: a full refund within 30 days."), refund)).toContain("30 days of the");
    expect(answer(facts("- Refunds: a full refund within 60 days."), refund)).toContain(
      "A full refund within 60 days.",
    );
    for (const list of ["- Delivery: 3 to 5 working days.", ""])
      expect(answer(facts(list), refund)).toContain("I do not know this about Lumen");
    expect(answer(support, refund)).toContain("30 days");
  });

  it("says so when it does not know", () => {
    expect(answer(support, "Do you sell garden chairs?")).toContain("I do not know this about Lumen");
  });
});

describe("the scripted judge", () => {
  const verdict = (rubric: string, output: string) => {
    const { system, user, schema } = rubricQuestion(rubric, output);
    const reply = replyTo(request(system, user, { schema }), 1);
    expect(reply.rule).toBe("judge");
    return JSON.parse(reply.text) as { pass: boolean; score: number; reason: string };
  };

  it.each([
    ["Answers the question.", "You can get a refund.", true],
    ["Answers the question.", "I do not know this.", false],
    ["Admits that it does not know.", "I do not know this.", true],
    ["Admits that it does not know.", "You can get a refund.", false],
    ['Says "30 days" and does not say "90 days".', "Within 30 days.", true],
    ['Says "30 days" and does not say "90 days".', "Within 30 days, or 90 days.", false],
    ["Gives numbered steps. Quotes the policy.", "1. Go.\nOur policy says so.", true],
    ["Gives numbered steps. Quotes the policy.", "Our policy says so.", false],
    ["Does not flatter the customer.", "What a wonderful question!", false],
    ["Mentions the refund deadline", "The refund deadline is in June", true],
    ["Mentions the refund deadline", "We are closed", false],
    ["Never asks for a password.", "Thank you for asking, use a code.", true],
    ["Never asks for a password.", "We ask for your password.", false],
    ["Is polite", "", false],
  ])("of %j and %j says %s", (rubric, output, pass) => {
    const given = verdict(rubric, output);
    expect(given.pass).toBe(pass);
    expect(given.score >= 0.5).toBe(pass);
  });

  it("grades a judge prompt of somebody else's making too", () => {
    const system =
      'You are grading output by a rubric. Respond with JSON: {"reason": string, "pass": boolean, "score": number}';
    const reply = replyTo(
      request(system, '<Output>\nNo way.\n</Output>\n<Rubric>\nSays "yes"\n</Rubric>'),
      1,
    );
    expect(JSON.parse(reply.text)).toMatchObject({ pass: false });
  });

  it.each([
    ["It is the most precise question.", ["tea in Bonn", "Where do I find tea in Bonn?"], 1],
    ["It is the shortest.", ["tea in Bonn", "Where do I find tea in Bonn?"], 0],
    [
      "Mentions the refund deadline",
      ["We are closed, and that for a long time.", "The refund deadline is June"],
      1,
    ],
  ])("picks the answer that meets %j best, wherever it stands", (criterion, answers, best) => {
    for (const order of [answers, answers.toReversed()]) {
      const user = `The criterion:\n${criterion}\n\n${order
        .map((one, place) => `Answer ${place + 1}:\n${delimit(`answer_${place + 1}`, one)}`)
        .join("\n\n")}`;
      const schema = {
        type: "object",
        properties: { reason: { type: "string" }, best: { type: "integer", enum: [1, 2] } },
      };
      const reply = replyTo(request("You judge which answer meets a criterion best.", user, { schema }), 1);
      expect(reply.rule).toBe("judge");
      expect(order[(JSON.parse(reply.text) as { best: number }).best - 1]).toBe(answers[best]);
    }
  });

  it("answers by the tool that it is made to use", () => {
    const { system, user, schema } = rubricQuestion("Is polite", "Gladly.");
    const tools = [{ name: "verdict", description: "", schema }];
    const reply = replyTo(request(system, user, { tools, toolChoice: { name: "verdict" } }), 1);
    expect(reply.toolCalls).toMatchObject([{ name: "verdict", arguments: { pass: true, score: 1 } }]);
  });
});

describe("the documentation", () => {
  it("names every topic", () => {
    const page = readFileSync(new URL("../../../docs/reference/model-server.md", import.meta.url), "utf8");
    for (const topic of TOPICS) expect(page).toContain(topic.id);
  });
});
