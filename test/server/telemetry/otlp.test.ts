import { describe, expect, it } from "vitest";
import { spansOfJson, spansOfProtobuf } from "../../../src/server/telemetry/otlp.ts";

/** What OpenTelemetry's own exporter for Node sends of one span that failed, with an attribute of each type. */
const EXPORTED = Buffer.from(
  "CsICCpgBCiYKDHNlcnZpY2UubmFtZRIWChR1bmtub3duX3NlcnZpY2U6bm9kZQoiChZ0ZWxlbWV0cnkuc2RrLmxhbmd1YWdlEggKBm5vZGVqcwolChJ0ZWxlbWV0cnkuc2RrLm5hbWUSDwoNb3BlbnRlbGVtZXRyeQohChV0ZWxlbWV0cnkuc2RrLnZlcnNpb24SCAoGMi4xMi4xEAASpAEKAwoBdBKcAQoQCvdlGRbNQ92ESOshHIAxnBIIt61rcWkgMzEqBmFuc3dlcjABOQAAKjb+nJcXQYDLomf+nJcXShAKB3VzZXIuaWQSBQoDYW5uSgsKBWNvdW50EgIYB0oRCgRjb3N0EgkhAAAAAAAA0D9KCgoEZmxhZxICEAFKFAoEbGlzdBIMKgoKAwoBYQoDCgFiUABgAHAAegIYAoUBAQEAAA==",
  "base64",
);
const SPAN = {
  trace: "0af7651916cd43dd8448eb211c80319c",
  id: "b7ad6b7169203331",
  startedMs: 1_700_000_000_000,
  endedMs: 1_700_000_000_830,
  isError: true,
};
const ATTRIBUTES = { "user.id": "ann", count: 7, cost: 0.25, flag: true };
const json = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
const asJson = {
  traceId: SPAN.trace.toUpperCase(),
  spanId: SPAN.id,
  startTimeUnixNano: "1700000000000000000",
  endTimeUnixNano: 1_700_000_000_830_000_000,
  attributes: [
    { key: "user.id", value: { stringValue: "ann" } },
    { key: "count", value: { intValue: "7" } },
    { key: "cost", value: { doubleValue: 0.25 } },
    { key: "flag", value: { boolValue: true } },
    { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }] } } },
  ],
  status: { code: 2 },
};

describe("spans by OpenTelemetry's protocol", () => {
  it.each([
    ["protobuf", () => spansOfProtobuf(EXPORTED)],
    ["JSON", () => spansOfJson(json(asJson))],
  ])("are the same in %s", (_, read) => {
    const { spans, refused } = read();
    expect(refused).toBe(0);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject(SPAN);
    expect(Object.fromEntries(spans[0]!.attributes)).toEqual(ATTRIBUTES);
  });

  it.each([
    ["an id of zeros and other letters", { traceId: "xyz" }],
    ["no id", { spanId: undefined }],
    ["a time that is none", { startTimeUnixNano: "yesterday" }],
    ["a time beyond any", { endTimeUnixNano: 1e40 }],
  ])("are counted as refused with %s", (_, more) => {
    expect(spansOfJson(json({ ...asJson, ...more }))).toEqual({ spans: [], refused: 1 });
  });

  it.each([
    null,
    [],
    "x",
    { resourceSpans: 7 },
    { resourceSpans: [null, { scopeSpans: [{ spans: null }] }] },
  ])("are none in %j", (body) => expect(spansOfJson(body)).toEqual({ spans: [], refused: 0 }));

  it("are refused as a whole where the bytes are none, and cut off ones too", () => {
    expect(() => spansOfProtobuf(Buffer.from("not protobuf at all"))).toThrow(/no protobuf/);
    expect(() => spansOfProtobuf(EXPORTED.subarray(0, 100))).toThrow(/no protobuf/);
    // Groups within groups: what reads them by recursion must not fall over.
    expect(() => spansOfProtobuf(Buffer.alloc(1_000_000, 0x0b))).toThrow(/no protobuf/);
  });
});
