import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../src/local/model-server/behaviour.ts";
import { startModelServer, type ModelServer } from "../../src/local/model-server/server.ts";
import { InvokeError, type InvokeFailureKind, type InvokeRequest } from "../../src/invoke/index.ts";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { type Calling, calling, supportPrompt } from "./support/calling.ts";

type Result = "ok" | InvokeFailureKind;
/** What an attempt comes to: unstreamed, then streamed. */
const TABLE: Readonly<Record<Fault, readonly [whole: Result, streamed: Result]>> = {
  "429": ["rate_limit", "rate_limit"],
  "500": ["server", "server"],
  "529": ["overloaded", "overloaded"],
  "401": ["auth", "auth"],
  malformed: ["malformed", "malformed"],
  html: ["server", "server"],
  empty: ["empty", "empty"],
  hang: ["attempt_timeout", "first_token_timeout"],
  reset: ["connection", "connection"],
  "context-length": ["too_long", "too_long"],
  "content-filter": ["content_blocked", "content_blocked"],
  cut: ["malformed", "interrupted"],
  "reset-mid": ["truncated", "interrupted"],
  "error-event": ["server", "server"],
  "529-in-stream": ["overloaded", "overloaded"],
  "stall-first": ["attempt_timeout", "first_token_timeout"],
  "stall-mid": ["attempt_timeout", "idle_timeout"],
  drip: ["ok", "ok"],
  "bad-json": ["format", "format"],
  // It is told once that its arguments do not fit, and answers without.
  "bad-tool-args": ["ok", "ok"],
  "no-usage": ["ok", "ok"],
  "usage-in-choice": ["ok", "ok"],
};
/** What breaks in the middle of a stream has been told of in part. */
const IN_THE_MIDDLE: readonly Fault[] = ["cut", "reset-mid", "error-event", "529-in-stream", "stall-mid"];
const PROTOCOLS = [
  "openai/gpt-5.4-mini",
  "anthropic/claude-haiku-4-5",
  "local/m",
  "azure/gpt-5.4-mini",
  "bedrock/eu.anthropic.claude-haiku-4-5",
  "vertex/claude-haiku-4-5@20251001",
] as const;
const LIMITS = { maxRetries: 0 };
/** For who stands still; everybody else has all the time that a busy machine takes. */
const STANDING_STILL: Partial<Record<Fault, { readonly whole: object; readonly streamed: object }>> = {
  hang: { whole: { attemptMs: 300 }, streamed: { firstTokenMs: 300 } },
  "stall-first": { whole: { attemptMs: 300 }, streamed: { firstTokenMs: 300 } },
  "stall-mid": { whole: { attemptMs: 300 }, streamed: { idleMs: 300 } },
};
const QUESTION = "Please track my order A-17, and how do I reset my password?";

const SCHEMA = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
};
const TOOL = {
  type: "function" as const,
  function: {
    name: "track_order",
    parameters: { type: "object", properties: { order_id: { type: "string" } } },
  },
};

function promptFor(fault: Fault, target: string): Artifact {
  return supportPrompt({
    model: `${target}+error-rate=1+faults=${fault}`,
    ...(fault === "bad-json" && { output_schema: SCHEMA }),
    ...(fault === "bad-tool-args" && { tools: [TOOL] }),
  });
}

let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
});
afterAll(() => model.stop());

describe.each(PROTOCOLS)("what %s may do wrong", (target) => {
  for (const [fault, results] of Object.entries(TABLE) as [Fault, (typeof TABLE)[Fault]][])
    it.concurrent(`${fault}: ${results.join(", streamed ")}`, async () => {
      await using world = await calling(model.url);
      world.serve(promptFor(fault, target));
      for (const [index, isStream] of [false, true].entries()) {
        const expected = results[index]!;
        const ended = await ending(world, fault, isStream);
        const kind =
          isStream && IN_THE_MIDDLE.includes(fault) && expected !== "ok" ? "interrupted" : expected;
        expect(ended.result, `${fault}, ${isStream ? "streamed" : "whole"}`).toBe(kind);
        const outcomes = await world.outcomes();
        expect(outcomes).toHaveLength(index + 1);
        const { metrics } = outcomes.at(-1)!;
        expect(metrics["error"]).toBe(expected === "ok" ? 0 : 1);
        if (fault === "no-usage") expect(metrics["usage_estimated"]).toBe(1);
        if (fault === "usage-in-choice") expect(metrics).not.toHaveProperty("usage_estimated");
        // The model's own part of a failure of form was an answer.
        expect(ended.last).toBe(expected === "format" ? "ok" : expected);
      }
    });
});

/** How an invocation ends, and its last attempt. What is told of a broken answer is never all of one. */
async function ending(
  { invoker }: Calling,
  fault: Fault,
  isStream: boolean,
): Promise<{ result: Result; last: Result | undefined }> {
  const request: InvokeRequest = {
    prompt: "support",
    variables: { question: QUESTION },
    limits: { ...LIMITS, ...STANDING_STILL[fault]?.[isStream ? "streamed" : "whole"] },
    repair: { asks: 0 },
    tools: fault === "bad-tool-args" ? { track_order: () => expect.unreachable() } : undefined,
  };
  try {
    const stream = isStream ? invoker.stream(request) : undefined;
    let told = "";
    for await (const event of stream ?? []) if (event.type === "text") told += event.text;
    const answer = await (stream?.result ?? invoker.invoke(request));
    if (isStream) expect(told).toBe(answer.text);
    expect(answer.text).toMatch(/[.!>]$/);
    return { result: "ok", last: answer.attempts.at(-1)?.result };
  } catch (error) {
    if (!(error instanceof InvokeError)) throw error;
    return { result: error.kind, last: error.attempts.at(-1)?.result };
  }
}

describe("hundreds of calls of which many go wrong in any of these ways", () => {
  it("are one outcome each, and as many attempts as the vendor has been asked", async () => {
    const vendor = await startModelServer({
      errorRate: 0.3,
      faults: ["429", "500", "529", "malformed", "empty", "cut", "reset-mid", "error-event", "no-usage"],
    });
    await using world = await calling(vendor.url);
    world.serve(supportPrompt());
    let attempts = 0;
    let answered = 0;
    const one = async (n: number) => {
      const request = {
        prompt: "support",
        unit: `user ${n}`,
        variables: { question: `Question ${n}: how do I reset my password?` },
        limits: { ...LIMITS, maxRetries: 1 },
        fallbacks: ["anthropic/claude-haiku-4-5"],
      };
      const asked = n % 2 === 0 ? world.invoker.invoke(request) : world.invoker.stream(request).result;
      const ended = await asked.catch((error: unknown) => error as InvokeError);
      attempts += ended.attempts.length;
      if (ended instanceof InvokeError) return;
      answered++;
      expect(ended.text).toMatch(/[.!]$/);
    };
    await Promise.all(Array.from({ length: 400 }, (_, n) => one(n)));
    const outcomes = await world.outcomes();
    expect(outcomes).toHaveLength(400);
    expect(outcomes.filter(({ metrics }) => metrics["error"] === 0)).toHaveLength(answered);
    expect(answered).toBeGreaterThan(300);
    expect(answered).toBeLessThan(400);
    expect(vendor.requests()).toHaveLength(attempts);
    await vendor.stop();
  });
});
