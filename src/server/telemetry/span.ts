export type AttributeValue = string | number | boolean;

/** What is read of an OpenTelemetry span. */
export interface Span {
  /** 32 hex digits. */
  readonly trace: string;
  /** 16 hex digits. */
  readonly id: string;
  /** In ms since 1970. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly isError: boolean;
  /** The plain ones: lists and objects are left out. */
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

const TRACE = /^[0-9a-f]{32}$/;
const SPAN = /^[0-9a-f]{16}$/;
/** OpenTelemetry's word for a span that failed. */
const STATUS_ERROR = 2;

/** A span as JSON has it, with ids in hex; undefined where it cannot be one. */
export function readSpan(given: unknown): Span | undefined {
  const { traceId, spanId, startTimeUnixNano, endTimeUnixNano, attributes, status } = fieldsOf(given);
  const trace = String(traceId).toLowerCase();
  const id = String(spanId).toLowerCase();
  const startedMs = milliseconds(startTimeUnixNano);
  const endedMs = milliseconds(endTimeUnixNano);
  if (!TRACE.test(trace) || !SPAN.test(id) || startedMs === undefined || endedMs === undefined)
    return undefined;
  const { code } = fieldsOf(status);
  const isError = code === STATUS_ERROR || code === "STATUS_CODE_ERROR";
  return { trace, id, startedMs, endedMs, isError, attributes: readAttributes(attributes) };
}

function readAttributes(given: unknown): ReadonlyMap<string, AttributeValue> {
  const found = new Map<string, AttributeValue>();
  for (const one of listOf(given)) {
    const { key, value } = fieldsOf(one);
    const { stringValue, boolValue, intValue, doubleValue } = fieldsOf(value);
    const plain = stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue));
    if (typeof key === "string" && isPlain(plain)) found.set(key, plain);
  }
  return found;
}

function isPlain(value: unknown): value is AttributeValue {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

/** Of nanoseconds, a number or a text, as one process writes one and another the other. */
function milliseconds(nanoseconds: unknown): number | undefined {
  // To the microsecond: a float holds no more of them.
  const ms = Math.round(Number(nanoseconds) / 1e3) / 1e3;
  return Number.isFinite(ms) && ms > 0 && ms < 2 ** 48 ? ms : undefined;
}

export function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
}

export function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [];
}
