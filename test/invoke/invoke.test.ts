import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModelServer, type ModelServer } from "../../src/local/model-server/server.ts";
import { chatAnswer, json, wireServer } from "../providers/wire-server.ts";
import { calling, supportPrompt } from "./support/calling.ts";

const QUESTION = { question: "How do I reset my password?" };
const ANY = { target: expect.any(String), ms: expect.any(Number), costUsd: 0 };
const ROLLOUT = "0f8fad5b-d9cb-469f-a165-70867728950e";

let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
});
afterAll(() => model.stop());

describe("an invocation", () => {
  it("is an answer of the version that is live, and one outcome of its unit with all that is measured", async () => {
    await using world = await calling(model.url);
    const id = world.serve(supportPrompt());
    const answer = await world.invoker.invoke({
      prompt: "support",
      unit: "ada",
      tenant: "acme",
      variables: QUESTION,
    });
    expect(answer.text).toContain("password");
    expect(answer).toMatchObject({
      finishReason: "stop",
      refused: false,
      target: "openai/gpt-5.4-mini",
      responseModel: "gpt-5.4-mini",
      attempts: [{ target: "openai/gpt-5.4-mini", result: "ok" }],
      fallback: false,
      repaired: "no",
      ttftMs: null,
      prompt: { prompt: "support", version: 1, arm: "unenrolled" },
    });
    expect(answer.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant"]);
    const { usage, costUsd } = answer;
    expect(costUsd).toBeGreaterThan(0);
    answer.record({ rating: 5 });
    const [outcome, rating] = await world.outcomes();
    expect(outcome).toMatchObject({
      id: answer.outcomeId,
      version: id,
      unit: answer.prompt.unitDigest,
      tenant: "acme",
      answered: "gpt-5.4-mini",
      metrics: {
        latency_ms: answer.latencyMs,
        input_tokens: usage.inputTokens,
        cached_input_tokens: 0,
        output_tokens: usage.outputTokens,
        reasoning_tokens: 0,
        cost_usd: costUsd,
        error: 0,
        timeout: 0,
        refusal: 0,
        truncated: 0,
        interrupted: 0,
        cancelled: 0,
        fallback: 0,
        retries: 0,
      },
    });
    expect(rating).toMatchObject({ unit: outcome!.unit, metrics: { rating: 5 } });
  });

  it("as a stream is the same answer in pieces, at the same price, for each protocol", async () => {
    await using world = await calling(model.url, { prices: { "local/m": { input: 3, output: 9 } } });
    const targets = [
      "openai/gpt-5.4-mini",
      "anthropic/claude-haiku-4-5",
      "local/m",
      "bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
      "vertex/claude-haiku-4-5@20251001",
    ];
    for (const target of targets) {
      world.serve(supportPrompt({ model: target }));
      const request = { prompt: "support", unit: "ada", variables: QUESTION };
      const whole = await world.invoker.invoke(request);
      const stream = world.invoker.stream(request);
      const events = [];
      for await (const event of stream) events.push(event);
      const { text, usage, costUsd, finishReason } = await stream.result;
      expect({ text, usage, costUsd }).toEqual({
        text: whole.text,
        usage: whole.usage,
        costUsd: whole.costUsd,
      });
      expect(costUsd).toBeGreaterThan(0);
      const told = events.flatMap((event) => (event.type === "text" ? [event.text] : []));
      expect(told.length).toBeGreaterThan(1);
      expect(told.join("")).toBe(text);
      expect(events[0]).toEqual({ type: "start", target });
      expect(events.at(-1)).toEqual({ type: "finish", finishReason });
    }
    const outcomes = await world.outcomes();
    expect(outcomes).toHaveLength(2 * targets.length);
    expect(outcomes.filter(({ metrics }) => "ttft_ms" in metrics)).toHaveLength(targets.length);
  });

  it("of a deployment of Azure says which model answered, though its first chunk is of none", async () => {
    await using world = await calling(model.url, {
      prices: { "azure/gpt-5.4-mini": { input: 3, output: 9 } },
    });
    world.serve(supportPrompt({ model: "azure/gpt-5.4-mini" }));
    const request = { prompt: "support", variables: QUESTION };
    const [whole, streamed] = [
      await world.invoker.invoke(request),
      await world.invoker.stream(request).result,
    ];
    for (const answer of [whole, streamed])
      expect(answer).toMatchObject({ target: "azure/gpt-5.4-mini", responseModel: "prod-mini" });
    expect(streamed).toMatchObject({ text: whole.text, usage: whole.usage, costUsd: whole.costUsd });
  });

  it("exposes an enrolled unit to its arm before its model is asked, so that a version that breaks calls is seen", async () => {
    await using world = await calling(model.url);
    const active = world.source.addVersion("support", supportPrompt());
    const broken = supportPrompt({ model: "openai/gpt-5.4-mini+error-rate=1+faults=500" });
    const candidate = world.source.addVersion("support", broken);
    world.source.setPointer(
      { label: "production", prompt: "support" },
      { active, candidate, mode: "canary", share: 5_000, salt: "s", epoch: 1, rolloutId: ROLLOUT },
    );
    const asked = Array.from({ length: 12 }, (_, index) =>
      world.invoker
        .invoke({ prompt: "support", unit: `user ${index}`, variables: QUESTION, limits: { maxRetries: 0 } })
        .catch(() => undefined),
    );
    await Promise.all(asked);
    const outcomes = await world.outcomes();
    const { exposures } = world.source;
    expect(exposures).toHaveLength(12);
    expect(new Set(exposures.map(({ arm }) => arm))).toEqual(new Set(["candidate", "control"]));
    for (const { arm, unit } of exposures)
      expect(outcomes.filter((one) => one.unit === unit).map(({ metrics }) => metrics["error"])).toEqual([
        arm === "candidate" ? 1 : 0,
      ]);
  });

  it("of a prompt that is not there is answered by the neutral fallback, recorded for nobody, or refused", async () => {
    await using world = await calling(model.url);
    const request = { prompt: "nothing", model: "anthropic/claude-haiku-4-5", variables: QUESTION };
    expect(await world.invoker.invoke(request)).toMatchObject({
      prompt: { source: "fallback" },
      target: "anthropic/claude-haiku-4-5",
    });
    await expect(world.invoker.invoke({ ...request, requireVersion: true })).rejects.toMatchObject({
      code: "not_found",
      kind: "unresolved",
    });
    expect(await world.outcomes()).toEqual([]);
  });

  it("is answered by the default of a model and a tenant where it names no prompt", async () => {
    await using world = await calling(model.url);
    const active = world.source.addVersion("house", supportPrompt());
    world.source.setPointer({ label: "production", model: "gpt-5.4-mini", tenant: "acme" }, { active });
    const answer = await world.invoker.invoke({ model: "gpt-5.4-mini", tenant: "acme", variables: QUESTION });
    expect(answer.prompt.versionId).toBe(active);
  });

  it("with bad input says what is wrong before anybody is asked", async () => {
    await using world = await calling(model.url);
    world.serve(supportPrompt());
    const before = model.requests().length;
    const bad = [
      [{ prompt: "support", variables: {} }, /question/],
      [
        { prompt: "support", variables: QUESTION, limits: { deadlineMS: 5 } as object },
        /did you mean "deadlineMs"/,
      ],
      [{ prompt: "support", variables: QUESTION, limits: { maxRetries: -1 } }, /limits.maxRetries/],
      [{ prompt: "support", variables: QUESTION, fallbacks: ["gpt-5.4"] }, /provider\/model/],
    ] as const;
    for (const [request, message] of bad)
      await expect(world.invoker.invoke(request)).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringMatching(message) as string,
      });
    const long = { question: "word ".repeat(2_000) };
    const tooLong = world.invoker.invoke({ prompt: "support", variables: long, fit: { window: 500 } });
    await expect(tooLong).rejects.toMatchObject({ code: "invalid_input", kind: "too_long" });
    expect(model.requests()).toHaveLength(before);
  });
});

it("marks for the vendor's cache what is the same each time and long, and counts what came from it", async () => {
  const marks: unknown[] = [];
  await using server = await wireServer((response, request, body) => {
    marks.push((JSON.parse(body) as { system: { cache_control?: unknown }[] }).system.at(-1)!.cache_control);
    const usage = { input_tokens: 10, cache_read_input_tokens: 1_500, output_tokens: 5 };
    const content = [{ type: "text", text: "Yes." }];
    json(200, { id: "m", type: "message", role: "assistant", content, stop_reason: "end_turn", usage })(
      response,
      request,
      body,
    );
  });
  await using world = await calling(server.url);
  const long = "Returns are free for thirty days, and parcels are insured. ".repeat(150);
  for (const [system, costUsd] of [
    [long, 0.000_185],
    ["Be brief.", 0.000_185],
    [`${long} For {{ question }}.`, 0.000_185],
  ] as const) {
    world.serve(
      supportPrompt({
        model: "anthropic/claude-haiku-4-5",
        variables: { question: { type: "string", trusted: true } },
        messages: [
          { role: "system", content: system },
          { role: "user", content: "{{ question }}" },
        ],
      }),
    );
    const answer = await world.invoker.invoke({ prompt: "support", variables: QUESTION });
    expect(answer.usage).toMatchObject({ inputTokens: 1_510, cachedInputTokens: 1_500 });
    // At the tenth of the price that what was kept is sold for.
    expect(answer.costUsd).toBeCloseTo(costUsd, 10);
  }
  expect(marks).toEqual([{ type: "ephemeral" }, undefined, undefined]);
});

describe("a model that gives no answer", () => {
  it("is asked again, and then the next of the chain is, in the words of its own protocol", async () => {
    await using world = await calling(model.url);
    world.serve(
      supportPrompt({
        model: "openai/gpt-5.4-mini+error-rate=1+faults=500",
        params: { seed: 3, max_tokens: 90 },
      }),
    );
    const fallbacks = ["local/m+error-rate=1+faults=429", "anthropic/claude-haiku-4-5"];
    const answer = await world.invoker.invoke({
      prompt: "support",
      variables: QUESTION,
      fallbacks,
      limits: { maxRetries: 1, maxRetryAfterMs: 50 },
    });
    expect(answer).toMatchObject({ fallback: true, target: "anthropic/claude-haiku-4-5" });
    // The second asks to wait longer than anybody would.
    expect(answer.attempts.map(({ result }) => result)).toEqual(["server", "server", "rate_limit", "ok"]);
    const outcomes = await world.outcomes();
    expect(outcomes).toMatchObject([{ metrics: { error: 0, fallback: 1, retries: 1 } }]);
    // What another model calls itself says nothing of the version's own.
    expect(outcomes[0]).not.toHaveProperty("answered");
  });

  it("is not replaced where the request itself is refused, or the vendor's filter refuses it", async () => {
    await using world = await calling(model.url);
    for (const [fault, kind] of [
      ["content-filter", "content_blocked"],
      ["context-length", "too_long"],
    ] as const)
      for (const name of ["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5"]) {
        world.serve(supportPrompt({ model: `${name}+error-rate=1+faults=${fault}` }));
        const asked = world.invoker.invoke({
          prompt: "support",
          variables: QUESTION,
          fallbacks: ["local/m"],
        });
        await expect(asked, `${fault} of ${name}`).rejects.toMatchObject({
          kind,
          attempts: [{ result: kind }],
        });
      }
  });

  it("gives way to the caller's own answer where there is one, and is recorded as the error that it is", async () => {
    await using world = await calling(model.url);
    world.serve(supportPrompt({ model: "openai/gpt-5.4-mini+error-rate=1+faults=401" }));
    const answer = await world.invoker.invoke({
      prompt: "support",
      variables: QUESTION,
      otherwise: "Please write to us.",
    });
    expect(answer).toMatchObject({ text: "Please write to us.", attempts: [{ result: "auth" }] });
    expect(await world.outcomes()).toMatchObject([{ id: answer.outcomeId, metrics: { error: 1 } }]);
  });

  it("keeps nobody past the deadline, however many are in the chain", async () => {
    await using world = await calling(model.url);
    const stalling = "m+error-rate=1+faults=stall-first";
    world.serve(supportPrompt({ model: `openai/${stalling}` }));
    const fallbacks = [`local/${stalling}`, `anthropic/${stalling}`];
    const limits = { attemptMs: 250, deadlineMs: 600, maxRetries: 0 };
    const asked = world.invoker.invoke({ prompt: "support", variables: QUESTION, fallbacks, limits });
    await expect(asked).rejects.toMatchObject({
      kind: "deadline",
      // How many there is time for is the machine's to say.
      attempts: expect.arrayContaining([{ ...ANY, result: "deadline" }]) as object[],
    });
    expect(await world.outcomes()).toMatchObject([{ metrics: { error: 1, timeout: 1, cancelled: 0 } }]);
  });
});

describe("an answer that has to fit a schema", () => {
  const output_schema = {
    type: "object",
    properties: { answer: { type: "string" }, sure: { type: "boolean" } },
    required: ["answer", "sure"],
    additionalProperties: false,
  };
  const RIGHT = { answer: "Yes", sure: true };
  const right = JSON.stringify(RIGHT);

  it("gives its value, from the vendor's own structured output", async () => {
    await using world = await calling(model.url);
    for (const target of ["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5"]) {
      world.serve(supportPrompt({ model: target, output_schema }));
      const answer = await world.invoker.invoke({ prompt: "support", variables: QUESTION });
      expect(answer.output).toEqual(JSON.parse(answer.text));
      expect(answer.repaired).toBe("no");
    }
    expect(await world.outcomes()).toMatchObject([
      { metrics: { format_failure: 0 } },
      { metrics: { format_failure: 0 } },
    ]);
  });

  it.each([
    ["in a fence", ["```json\n" + right + "\n```"], "local", RIGHT],
    ["with a comma too many", ['{"answer": "Yes", "sure": true,}'], "local", RIGHT],
    ["right when it is asked again", ['{"answer": 5, "sure": true}', right], "asked", RIGHT],
  ] as const)(
    "that is %s is repaired, and counts as a failure of form",
    async (_, answers, repaired, output) => {
      await using wire = await wireServer(...answers.map((text) => chatAnswer(text)));
      await using world = await calling(wire.url);
      world.serve(supportPrompt({ output_schema }));
      const answer = await world.invoker.invoke({ prompt: "support", variables: QUESTION });
      expect(answer).toMatchObject({ output, repaired });
      expect(answer.usage.inputTokens).toBe(1_000 * answers.length);
      expect(await world.outcomes()).toMatchObject([
        { metrics: { format_failure: 1, repaired: 1, error: 0 } },
      ]);
    },
  );

  it("that never does is an error of form, or the next model's to give", async () => {
    await using wire = await wireServer(chatAnswer('{"sure": true}'));
    await using world = await calling(wire.url);
    world.serve(supportPrompt({ output_schema }));
    await expect(world.invoker.invoke({ prompt: "support", variables: QUESTION })).rejects.toMatchObject({
      kind: "format",
    });
    expect(wire.requests).toHaveLength(2);
    const again = JSON.parse(wire.requests[1]!.body) as { messages: { role: string; content: string }[] };
    expect(again.messages.at(-1)!.content).toContain('<untrusted name="problem">');
    expect(await world.outcomes()).toMatchObject([{ metrics: { error: 1, format_failure: 1 } }]);
  });
});

describe("tools", () => {
  const tools = [
    {
      type: "function" as const,
      function: {
        name: "track_order",
        parameters: { type: "object", properties: { order_id: { type: "string" } }, required: ["order_id"] },
      },
    },
  ];
  const TRACK = { question: "Please track my order A-17" };

  it.each(["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5"])(
    "are carried out, once each, and what they give is told to %s as data",
    async (target) => {
      await using world = await calling(model.url);
      world.serve(supportPrompt({ model: target, tools }));
      const calls: unknown[] = [];
      const stream = world.invoker.stream({
        prompt: "support",
        variables: TRACK,
        tools: {
          track_order: (given) => {
            calls.push(given);
            return { state: "on its way" };
          },
        },
      });
      const events = [];
      for await (const event of stream) events.push(event.type);
      const answer = await stream.result;
      expect(calls).toEqual([{ order_id: "A-17" }]);
      expect(answer.text).toContain("on its way");
      expect(answer.messages.map(({ role }) => role)).toEqual([
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
      ]);
      expect(answer.messages[3]!.content).toMatch(/^<untrusted name="track_order">/);
      expect(events.slice(0, 3)).toEqual(["start", "tool_call", "tool_result"]);
      expect(await world.outcomes()).toMatchObject([{ metrics: { tool_rounds: 1 } }]);
    },
  );

  it("without a handler are given back", async () => {
    await using world = await calling(model.url);
    world.serve(supportPrompt({ tools }));
    const answer = await world.invoker.invoke({ prompt: "support", variables: TRACK });
    expect(answer).toMatchObject({ finishReason: "tool_calls", toolCalls: [{ name: "track_order" }] });
  });

  it("that fail, are called wrongly twice, or never end fail the invocation", async () => {
    await using world = await calling(model.url);
    const asked = (more: object) => world.invoker.invoke({ prompt: "support", variables: TRACK, ...more });
    const throwing = { track_order: () => Promise.reject(new Error("the depot is closed")) };
    world.serve(supportPrompt({ tools }));
    await expect(asked({ tools: throwing })).rejects.toMatchObject({
      kind: "tool",
      message: expect.stringContaining("the depot is closed") as string,
    });
    const call = {
      id: "c1",
      type: "function",
      function: { name: "track_order", arguments: '{"half": "of i' },
    };
    await using wire = await wireServer(chatAnswer(null, { tool_calls: [call] }));
    await using wrong = await calling(wire.url);
    wrong.serve(supportPrompt({ tools }));
    const handler = { track_order: () => expect.unreachable() };
    const misfit = wrong.invoker.invoke({ prompt: "support", variables: TRACK, tools: handler });
    await expect(misfit).rejects.toMatchObject({ kind: "tool" });
    expect(wire.requests).toHaveLength(2);
    const good = { ...call, function: { ...call.function, arguments: '{"order_id": "A"}' } };
    await using loop = await wireServer(chatAnswer(null, { tool_calls: [good] }));
    await using endless = await calling(loop.url);
    endless.serve(supportPrompt({ tools }));
    const never = endless.invoker.invoke({
      prompt: "support",
      variables: TRACK,
      tools: { track_order: () => "wait" },
      maxToolRounds: 3,
    });
    await expect(never).rejects.toMatchObject({
      kind: "tool",
      message: expect.stringContaining("3 rounds") as string,
    });
  });
});

describe("an invocation that is called off", () => {
  it("by its caller, by who stops reading, or with the invoker ends at once, and is recorded as called off", async () => {
    await using world = await calling(model.url);
    const slow = "openai/gpt-5.4-mini+error-rate=1+faults=stall-mid";
    world.serve(supportPrompt({ model: slow }));
    const request = { prompt: "support", variables: QUESTION };
    const stop = new AbortController();
    const whole = world.invoker.invoke({ ...request, signal: stop.signal });
    const stream = world.invoker.stream(request);
    for await (const event of stream) if (event.type === "text") break;
    stop.abort();
    await expect(whole).rejects.toMatchObject({ kind: "cancelled" });
    await expect(stream.result).rejects.toMatchObject({
      kind: "cancelled",
      partial: expect.any(String) as string,
    });
    const outcomes = await world.outcomes();
    expect(outcomes.map(({ metrics }) => [metrics["cancelled"], metrics["error"]])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    // What was written of a stream before it was stopped has been paid for.
    expect(outcomes.filter(({ metrics }) => metrics["usage_estimated"] === 1)).toHaveLength(1);
    await world.invoker.close();
    await expect(world.invoker.invoke(request)).rejects.toMatchObject({ kind: "closed" });
  });
});

describe("a budget", () => {
  it("that is used up refuses the call, and is recorded", async () => {
    const { memoryBudget } = await import("../../src/invoke/index.ts");
    await using world = await calling(model.url, { budget: memoryBudget(0.000_001) });
    world.serve(supportPrompt());
    const asked = world.invoker.invoke({ prompt: "support", variables: QUESTION, fallbacks: ["local/m"] });
    await expect(asked).rejects.toMatchObject({ kind: "budget" });
  });
});

describe("a stream that breaks off after part of it was told", () => {
  it("is an error with that part, or begins again where its reader can take it back", async () => {
    await using world = await calling(model.url);
    world.serve(supportPrompt({ model: "openai/gpt-5.4-mini+error-rate=1+faults=cut" }));
    const request = { prompt: "support", variables: QUESTION, fallbacks: ["local/m"] };
    const broken = world.invoker.stream(request);
    let told = "";
    const read = async () => {
      for await (const event of broken) if (event.type === "text") told += event.text;
    };
    await expect(read()).rejects.toMatchObject({ kind: "interrupted" });
    await expect(broken.result).rejects.toMatchObject({
      partial: told,
      attempts: [{ result: "interrupted" }],
    });
    const again = world.invoker.stream({ ...request, onInterrupt: "restart", limits: { maxRetries: 0 } });
    let shown = "";
    for await (const event of again) {
      if (event.type === "restart") shown = "";
      if (event.type === "text") shown += event.text;
    }
    const { text, fallback } = await again.result;
    expect({ shown, fallback }).toEqual({ shown: text, fallback: true });
  });
});
