import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../../../src/local/model-server/server.ts";

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function openai(options: Parameters<typeof startModelServer>[0] = {}, maxRetries = 0): Promise<OpenAI> {
  server = await startModelServer(options);
  return new OpenAI({ apiKey: "local", baseURL: `${server.url}/v1`, maxRetries, timeout: 5_000 });
}

async function anthropic(
  options: Parameters<typeof startModelServer>[0] = {},
  maxRetries = 0,
): Promise<Anthropic> {
  server = await startModelServer(options);
  return new Anthropic({ apiKey: "local", baseURL: server.url, maxRetries, timeout: 5_000 });
}

const SYSTEM =
  'You answer questions of customers of Lumen. Answer with JSON: {"answer": "…", "category": "…"}';
const QUESTION = "Can I get a refund?";
const asked = {
  model: "gpt-5-mini",
  messages: [
    { role: "system" as const, content: SYSTEM },
    { role: "user" as const, content: QUESTION },
  ],
};

describe("the OpenAI SDK", () => {
  it("gets an answer with its tokens", async () => {
    const client = await openai();
    const answer = await client.chat.completions.create(asked);
    const choice = answer.choices[0]!;
    expect(choice.finish_reason).toBe("stop");
    expect(JSON.parse(choice.message.content!)).toMatchObject({
      answer: expect.stringContaining("within 30 days"),
      category: "billing",
    });
    expect(answer.usage!.completion_tokens).toBe(Math.ceil(choice.message.content!.length / 4));
  });

  it("streams the same answer in pieces, and the tokens at the end", async () => {
    const client = await openai();
    const whole = await client.chat.completions.create(asked);
    const stream = await client.chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    });
    let [text, pieces] = ["", 0];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      const part = chunk.choices[0]?.delta.content;
      if (part) [text, pieces] = [text + part, pieces + 1];
      usage ??= chunk.usage;
    }
    expect(text).toBe(whole.choices[0]!.message.content);
    expect(pieces).toBeGreaterThan(2);
    expect(usage).toEqual(whole.usage);
  });

  it("gets what a JSON Schema asks for", async () => {
    const client = await openai();
    const schema = {
      type: "object",
      properties: {
        answer: { type: "string" },
        category: { enum: ["billing", "other"] },
        stars: { type: "integer", minimum: 1 },
      },
    };
    const { choices } = await client.chat.completions.create({
      ...asked,
      response_format: { type: "json_schema", json_schema: { name: "reply", schema } },
    });
    expect(JSON.parse(choices[0]!.message.content!)).toEqual({
      answer: expect.stringContaining("30 days"),
      category: "billing",
      stars: 1,
    });
  });

  it("is asked to use a tool when the question names it, and gets its result back in words", async () => {
    const client = await openai();
    const tools = [
      {
        type: "function" as const,
        function: {
          name: "track_order",
          parameters: { type: "object", properties: { order_id: { type: "string" } } },
        },
      },
    ];
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: "user", content: "Please track my order A-17." },
    ];
    const { choices } = await client.chat.completions.create({ model: "gpt-5-mini", messages, tools });
    const call = choices[0]!.message.tool_calls![0]!;
    if (call.type !== "function") throw new Error("not a function call");
    expect(choices[0]!.finish_reason).toBe("tool_calls");
    expect(call.function.name).toBe("track_order");
    expect(JSON.parse(call.function.arguments)).toEqual({ order_id: "A-17" });
    messages.push(choices[0]!.message, { role: "tool", tool_call_id: call.id, content: "It is on its way." });
    const then = await client.chat.completions.create({ model: "gpt-5-mini", messages, tools });
    expect(then.choices[0]!.message.content).toContain("It is on its way.");
  });

  it("gets embeddings in which likeness is nearness", async () => {
    const client = await openai();
    const { data } = await client.embeddings.create({
      model: "text-embedding-3-small",
      input: ["the refund is on its way", "your refund is on the way", "purple elephants dance"],
    });
    const [one, near, far] = data.map((item) => item.embedding);
    const likeness = (a: number[], b: number[]) => a.reduce((sum, x, index) => sum + x * b[index]!, 0);
    expect(likeness(one!, one!)).toBeCloseTo(1, 5);
    expect(likeness(one!, near!)).toBeGreaterThan(likeness(one!, far!) + 0.3);
  });

  it("is cut off at max_tokens, and told so", async () => {
    const client = await openai();
    const { choices } = await client.chat.completions.create({ ...asked, max_completion_tokens: 3 });
    expect(choices[0]!.finish_reason).toBe("length");
    expect(choices[0]!.message.content).toHaveLength(12);
  });

  it.each([
    ["429", OpenAI.RateLimitError],
    ["500", OpenAI.InternalServerError],
    ["401", OpenAI.AuthenticationError],
    ["html", OpenAI.InternalServerError],
    ["reset", OpenAI.APIConnectionError],
    ["malformed", SyntaxError],
  ] as const)("meets the fault %s as the vendor's own", async (fault, kind) => {
    const client = await openai({ errorRate: 1, faults: [fault] });
    await expect(client.chat.completions.create(asked)).rejects.toBeInstanceOf(kind);
  });

  it("gets through by retrying when only some attempts fail", async () => {
    const client = await openai({ errorRate: 0.5, faults: ["500"], seed: 3 }, 8);
    await client.chat.completions.create(asked);
    const log = server!.requests();
    expect(log.at(-1)).toMatchObject({ fault: undefined, rule: "support", user: QUESTION });
    expect(log.map((entry) => entry.attempt)).toEqual(log.map((_, index) => index + 1));
  });

  it("is wrong as often as it is told to be, whatever was asked", async () => {
    const client = await openai();
    const said = await Promise.all(
      Array.from({ length: 400 }, async (_, i) => {
        const answer = await client.chat.completions.create({
          ...asked,
          model: "gpt-5-mini+wrong-rate=0.3+seed=7",
          messages: [{ role: "user", content: `number ${i}` }],
        });
        return answer.choices[0]!.message.content;
      }),
    );
    const right = said.filter((text, i) => text === `number ${i}`).length;
    // 280 of 400 are expected, give or take four standard deviations; with this seed it is always the same.
    expect(right).toBeGreaterThan(243);
    expect(right).toBeLessThan(317);
    expect(new Set(said).size).toBe(right + 1);
  });

  it("can ask for another behaviour in the model's name", async () => {
    const client = await openai();
    const failing = { ...asked, model: "gpt-5-mini+error-rate=1+faults=429" };
    await expect(client.chat.completions.create(failing)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    expect((await client.chat.completions.create(asked)).model).toBe("gpt-5-mini");
    await expect(client.chat.completions.create({ ...asked, model: "x+speed=9" })).rejects.toThrow(
      'unknown setting "speed"',
    );
  });

  it("is refused with a wrong key when one is required", async () => {
    const client = await openai({ requireKey: "another" });
    await expect(client.chat.completions.create(asked)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe("the Anthropic SDK", () => {
  const question = {
    model: "claude-haiku-4-5",
    max_tokens: 400,
    system: SYSTEM,
    messages: [{ role: "user" as const, content: QUESTION }],
  };

  it("gets an answer with its tokens", async () => {
    const client = await anthropic();
    const answer = await client.messages.create(question);
    expect(answer.stop_reason).toBe("end_turn");
    const [block] = answer.content;
    expect(JSON.parse(block?.type === "text" ? block.text : "")).toMatchObject({ category: "billing" });
    expect(answer.usage.output_tokens).toBeGreaterThan(5);
  });

  it("streams the same answer", async () => {
    const client = await anthropic();
    const whole = await client.messages.create(question);
    const streamed = await client.messages.stream(question).finalMessage();
    expect(streamed.content[0]).toMatchObject({
      text: whole.content[0]?.type === "text" ? whole.content[0].text : "",
    });
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(streamed.stop_reason).toBe("end_turn");
  });

  it("is made to use a tool, whole and streamed", async () => {
    const client = await anthropic();
    const forced = {
      ...question,
      tools: [
        {
          name: "reply",
          input_schema: { type: "object" as const, properties: { category: { type: "string" } } },
        },
      ],
      tool_choice: { type: "tool" as const, name: "reply" },
    };
    const expected = [{ type: "tool_use", name: "reply", input: { category: "billing" } }];
    const answer = await client.messages.create(forced);
    expect(answer.stop_reason).toBe("tool_use");
    expect(answer.content).toMatchObject(expected);
    expect((await client.messages.stream(forced).finalMessage()).content).toMatchObject(expected);
  });

  it("meets an overload as the vendor's own", async () => {
    const client = await anthropic({ errorRate: 1, faults: ["529"] });
    await expect(client.messages.create(question)).rejects.toMatchObject({
      status: 529,
      error: { type: "error" },
    });
  });
});
