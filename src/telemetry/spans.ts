import type { Spans, SpanStart } from "./span.ts";

let made: Spans | undefined;

/** Has this process make spans from now on, if anything is to have them. */
export async function startTracing(isWanted: boolean, service: string): Promise<void> {
  if (!isWanted || made) return;
  const { openTelemetrySpans } = await import("./open-telemetry.ts");
  made = openTelemetrySpans(service);
}

export async function stopTracing(): Promise<void> {
  await made?.stop();
  made = undefined;
}

/** Runs work in a span; where no traces are made it is just run. */
export function inSpan<R>(start: SpanStart, work: () => Promise<R>): Promise<R> {
  return made ? made.run(start, work) : work();
}

/** For whoever goes on with it elsewhere: `00-<trace>-<span>-01`. */
export function activeTraceparent(): string | undefined {
  return made?.active();
}

export function activeTraceId(): string | undefined {
  return traceIdOf(activeTraceparent());
}

/** The trace that a W3C traceparent is of. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent?.split("-")[1];
}
