import protobuf from "protobufjs";
import { invalidInput } from "../../domain/errors.ts";
import { fieldsOf, listOf, readSpan, type Span } from "./span.ts";

export const PROTOBUF = "application/x-protobuf";

/** What is read of an ExportTraceServiceRequest; everything else is passed over (opentelemetry-proto, trace/v1). */
const REQUEST = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { resourceSpans: { rule: "repeated", type: "Resource", id: 1 } } },
    Resource: { fields: { scopeSpans: { rule: "repeated", type: "Scope", id: 2 } } },
    Scope: { fields: { spans: { rule: "repeated", type: "Span", id: 2 } } },
    Span: {
      fields: {
        traceId: { type: "bytes", id: 1 },
        spanId: { type: "bytes", id: 2 },
        startTimeUnixNano: { type: "fixed64", id: 7 },
        endTimeUnixNano: { type: "fixed64", id: 8 },
        attributes: { rule: "repeated", type: "Attribute", id: 9 },
        status: { type: "Status", id: 15 },
      },
    },
    Attribute: { fields: { key: { type: "string", id: 1 }, value: { type: "Value", id: 2 } } },
    Value: {
      oneofs: { value: { oneof: ["stringValue", "boolValue", "intValue", "doubleValue"] } },
      fields: {
        stringValue: { type: "string", id: 1 },
        boolValue: { type: "bool", id: 2 },
        intValue: { type: "int64", id: 3 },
        doubleValue: { type: "double", id: 4 },
      },
    },
    Status: { fields: { code: { type: "int32", id: 3 } } },
  },
}).lookupType("Request");

export interface ReadSpans {
  readonly spans: readonly Span[];
  /** Those that cannot be read as spans. */
  readonly refused: number;
}

/** The spans of a request in JSON. */
export function spansOfJson(request: unknown): ReadSpans {
  const given = listOf(fieldsOf(request)["resourceSpans"])
    .flatMap((resource) => listOf(fieldsOf(resource)["scopeSpans"]))
    .flatMap((scope) => listOf(fieldsOf(scope)["spans"]));
  const spans = given.flatMap((one) => readSpan(one) ?? []);
  return { spans, refused: given.length - spans.length };
}

/** The spans of a request in protobuf; `invalid_input` for bytes that are none. */
export function spansOfProtobuf(bytes: Buffer): ReadSpans {
  try {
    const decoded = REQUEST.decode(bytes);
    return spansOfJson(withHexIds(REQUEST.toObject(decoded, { longs: Number, arrays: true })));
  } catch {
    throw invalidInput("the body is no protobuf of OpenTelemetry's traces", { at: "body" });
  }
}

/** Ids are bytes in protobuf, and hex digits in JSON. */
function withHexIds(request: Record<string, unknown>): unknown {
  for (const resource of listOf(request["resourceSpans"]))
    for (const scope of listOf(fieldsOf(resource)["scopeSpans"]))
      for (const span of listOf(fieldsOf(scope)["spans"]) as Record<string, unknown>[])
        for (const id of ["traceId", "spanId"])
          if (span[id] instanceof Uint8Array) span[id] = Buffer.from(span[id]).toString("hex");
  return request;
}
