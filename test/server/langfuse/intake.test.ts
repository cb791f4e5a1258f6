import { describe, expect, it } from "vitest";
import { reportOfEvents } from "../../../src/server/langfuse/intake/ingestion-report.ts";
import { readScore } from "../../../src/server/langfuse/intake/score.ts";
import { reportOfSpans } from "../../../src/server/langfuse/intake/span-report.ts";
import type { AttributeValue, Span } from "../../../src/server/telemetry/span.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const AT = Date.parse("2026-01-01T00:00:00.000Z");
const span = (attributes: Record<string, AttributeValue>, more: Partial<Span> = {}): Span => ({
  trace: TRACE,
  id: "b7ad6b7169203331",
  startedMs: AT,
  endedMs: AT + 830,
  isError: false,
  ...more,
  attributes: new Map(Object.entries(attributes)),
});
const PROMPT = {
  "langfuse.observation.prompt.name": "a~0d9c7f6a.c.3",
  "langfuse.observation.prompt.version": 2,
};

describe("a span of a prompt", () => {
  it("is a generation, with what it took and cost", () => {
    const { generations } = reportOfSpans([
      span({
        ...PROMPT,
        "langfuse.observation.usage_details": '{"input":10,"output":5,"total":15}',
        "langfuse.observation.cost_details": '{"input":0.25,"output":0.5}',
        "langfuse.observation.completion_start_time": '"2026-01-01T00:00:00.200Z"',
        "langfuse.observation.level": "ERROR",
      }),
    ]);
    expect(generations).toEqual([
      {
        trace: TRACE,
        observation: "b7ad6b7169203331",
        prompt: { name: "a~0d9c7f6a.c.3", version: 2 },
        startedMs: AT,
        endedMs: AT + 830,
        metrics: {
          input_tokens: 10,
          output_tokens: 5,
          cost_usd: 0.75,
          time_to_first_token_ms: 200,
          error: true,
        },
      },
    ]);
  });

  it("is named in any of the ways, and by a token first", () => {
    const of = (attributes: Record<string, AttributeValue>) =>
      reportOfSpans([span(attributes)]).generations.map(({ prompt }) => prompt);
    expect(of({ "langfuse.prompt.name": "a", "langfuse.prompt.version": "2" })).toEqual([
      { name: "a", version: 2 },
    ]);
    expect(of({ "gen_ai.prompt.name": "a", "gen_ai.prompt.version": "2" })).toEqual([
      { name: "a", version: 2 },
    ]);
    expect(of({ ...PROMPT, "sluice.prompt.token": "sluice1.x" })).toEqual([{ token: "sluice1.x" }]);
    expect(of({ "langfuse.observation.prompt.name": "a" })).toEqual([]);
    expect(of({ "gen_ai.prompt.name": "a", "gen_ai.prompt.version": "newest" })).toEqual([]);
  });

  it.each([
    [undefined, { "user.id": "u", "session.id": "s" }, "u"],
    [undefined, { "session.id": "s" }, "s"],
    ["user", { "session.id": "s" }, undefined],
    ["session", { "user.id": "u", "session.id": "s" }, "s"],
    ["trace", { "user.id": "u" }, TRACE],
    ["session", { "user.id": "u", "langfuse.trace.metadata.sluice_unit": "own" }, "own"],
    [undefined, {}, undefined],
  ] as const)("with the mark %s and %j is that of %s", (mark, attributes, unit) => {
    const { units, generations } = reportOfSpans([span({ ...PROMPT, ...attributes })], mark);
    expect(generations[0]!.unit).toBe(unit);
    expect(units).toEqual(unit === undefined ? [] : [{ trace: TRACE, unit }]);
  });
});

describe("events of a batch", () => {
  it("make one generation of a creation and its updates, and say whose the trace is", () => {
    const report = reportOfEvents([
      { type: "trace-create", body: { id: "t", userId: "u" } },
      {
        type: "generation-create",
        body: {
          id: "g",
          traceId: "t",
          promptName: "a",
          promptVersion: 2,
          startTime: "2026-01-01T00:00:00.000Z",
        },
      },
      {
        type: "generation-update",
        body: {
          id: "g",
          traceId: "t",
          endTime: "2026-01-01T00:00:01.000Z",
          usage: { promptTokens: 7, output: 3, totalCost: 0.5 },
        },
      },
      { type: "sdk-log", body: {} },
      { type: "generation-update", body: { id: "g" } },
      { type: "score-create", body: { name: "x", value: 1 } },
    ]);
    expect(report).toEqual({
      units: [{ trace: "t", unit: "u" }],
      generations: [
        {
          trace: "t",
          observation: "g",
          prompt: { name: "a", version: 2 },
          startedMs: AT,
          endedMs: AT + 1_000,
          metrics: { error: false, input_tokens: 7, output_tokens: 3, cost_usd: 0.5 },
        },
      ],
      scores: [],
      refused: { unreadable: 2 },
    });
  });
});

describe("a score", () => {
  const read = (body: object) =>
    readScore({ traceId: "t", name: "my score/1", ...body }, "s", { "my score/1": { up: 1, down: 0 } });
  const base = { trace: "t", score: "s" };

  it.each([
    [{ value: 0.5 }, { ...base, metrics: { my_score_1: 0.5 } }],
    [
      { value: 1, dataType: "BOOLEAN", observationId: "o" },
      { ...base, observation: "o", metrics: { my_score_1: 1 } },
    ],
    [
      { value: true, observationId: null },
      { ...base, metrics: { my_score_1: 1 } },
    ],
    [
      { value: "down", dataType: "CATEGORICAL" },
      { ...base, metrics: { my_score_1: 0 } },
    ],
    [
      { value: 0, stringValue: "up", dataType: "CATEGORICAL" },
      { ...base, metrics: { my_score_1: 0 } },
    ],
    [
      { value: "Fine", dataType: "TEXT", comment: "so" },
      { ...base, metrics: {}, feedback: "Fine\nso" },
    ],
    [
      { value: "sideways", comment: "hm" },
      { ...base, metrics: {}, feedback: "hm" },
    ],
    [{ value: "sideways" }, "without_value"],
    [{ value: Number.NaN }, "without_value"],
    [{ value: "toString" }, "without_value"],
    [{ value: 1, traceId: null }, "without_trace"],
    [{ value: 1, name: "" }, "unreadable"],
  ])("of %j is %j", (body, expected) => {
    expect(read(body)).toEqual(expected);
  });
});
