import type { ResolverMetrics } from "./resolver-metrics.ts";

type Attributes = Record<string, string>;

/** The part of OpenTelemetry's `Meter` that is used here: pass one of yours, or let the global one be found. */
export interface Meter {
  createObservableCounter(name: string, options?: InstrumentOptions): ObservableInstrument;
  createObservableGauge(name: string, options?: InstrumentOptions): ObservableInstrument;
  createHistogram(
    name: string,
    options?: InstrumentOptions,
  ): { record(value: number, attributes?: Attributes): void };
}

interface InstrumentOptions {
  readonly description?: string;
  readonly unit?: string;
}

interface ObservableInstrument {
  addCallback(callback: (result: ObservableResult) => void): void;
  removeCallback(callback: (result: ObservableResult) => void): void;
}

interface ObservableResult {
  observe(value: number, attributes?: Attributes): void;
}

export type SpanAttributes = Record<string, string | number | boolean | string[]>;

/** The part of OpenTelemetry's `Tracer` that is used: pass one of yours, or let the global one be found. */
export interface Tracer {
  startSpan(name: string, options?: { kind?: number; attributes?: SpanAttributes }): TracedSpan;
}

export interface TracedSpan {
  setAttributes(attributes: SpanAttributes): unknown;
  addEvent(name: string, attributes?: SpanAttributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** Where `@opentelemetry/api` keeps what a service registered, so that libraries need not import it. */
const GLOBAL_API = Symbol.for("opentelemetry.js.api.1");

/** Where `@opentelemetry/api` keeps the active span in a context. */
const ACTIVE_SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

interface GlobalApi {
  readonly metrics?: { getMeter?(name: string): Meter };
  readonly trace?: { getTracer?(name: string): Tracer };
  readonly context?: { active?(): { getValue(key: symbol): unknown } };
}

interface Span {
  isRecording?(): boolean;
  setAttributes?(attributes: Record<string, string | number>): unknown;
}

function globalApi(): GlobalApi | undefined {
  return (globalThis as { [GLOBAL_API]?: GlobalApi })[GLOBAL_API];
}

/** Sets attributes on the caller's active span, where the service has OpenTelemetry and the span is recorded. */
export function markActiveSpan(prompt: { attributes(): Record<string, string | number> }): void {
  // All that most services, which have none, pay for it.
  const context = globalApi()?.context;
  if (context === undefined) return;
  try {
    const span = context.active?.().getValue(ACTIVE_SPAN) as Span | undefined;
    if (span?.isRecording?.()) span.setAttributes?.(prompt.attributes());
  } catch {
    // What watches a service must not break what it does.
  }
}

/** The meter of the service's own OpenTelemetry; undefined when it has none. */
export function globalMeter(): Meter | undefined {
  return globalApi()?.metrics?.getMeter?.("sluice");
}

/** The tracer of the service's own OpenTelemetry; undefined when it has none. */
export function globalTracer(): Tracer | undefined {
  return globalApi()?.trace?.getTracer?.("sluice");
}

/**
 * Publishes metrics when the service's reader asks for them, so that resolving costs nothing more.
 * Answers with how to stop, and where to say how long a resolution took that was not in memory (in ms).
 */
export function publishMetrics(meter: Meter, metrics: () => ResolverMetrics) {
  const stops: (() => void)[] = [];
  const observe = (
    kind: "createObservableCounter" | "createObservableGauge",
    name: string,
    options: InstrumentOptions,
    values: (now: ResolverMetrics) => Iterable<readonly [number, Attributes?]>,
  ) => {
    const instrument = meter[kind](`sluice.resolver.${name}`, options);
    const callback = (result: ObservableResult) => {
      for (const [value, attributes] of values(metrics())) result.observe(value, attributes);
    };
    instrument.addCallback(callback);
    stops.push(() => instrument.removeCallback(callback));
  };
  const counter = observe.bind(undefined, "createObservableCounter");
  const gauge = observe.bind(undefined, "createObservableGauge");
  const by = (attribute: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => [count, { [attribute]: name }] as const);

  counter(
    "resolutions",
    { description: "Resolutions, by where they came from", unit: "{resolution}" },
    (now) => by("source", now.served),
  );
  counter("misses", { description: "Resolutions that needed the store", unit: "{resolution}" }, (now) => [
    [now.misses],
  ]);
  counter("warnings", { description: "Warnings, by code", unit: "{warning}" }, (now) =>
    by("code", now.warnings),
  );
  counter(
    "records",
    { description: "Exposures and outcomes, by what became of them", unit: "{record}" },
    (now) => {
      const { exposures, outcomes, refused, dropped } = now.recorded;
      return [
        [exposures, { kind: "exposure", state: "stored" }],
        [outcomes, { kind: "outcome", state: "stored" }],
        [refused, { kind: "outcome", state: "refused" }],
        [dropped.exposure, { kind: "exposure", state: "dropped" }],
        [dropped.outcome, { kind: "outcome", state: "dropped" }],
      ];
    },
  );
  gauge("records.waiting", { description: "Records not sent yet", unit: "{record}" }, (now) => [
    [now.recorded.waiting],
  ]);
  gauge("cache.size", { description: "Entries in memory, by kind", unit: "{entry}" }, (now) =>
    by("kind", { ...now.cache }),
  );
  gauge("age", { description: "How long ago memory was last confirmed with the store", unit: "s" }, (now) => [
    [now.ageMs / 1_000],
  ]);
  const duration = meter.createHistogram("sluice.resolver.cold.duration", {
    description: "Time to resolve what was not in memory",
    unit: "s",
  });
  return {
    cold: (ms: number) => duration.record(ms / 1_000),
    stop: () => stops.forEach((stop) => stop()),
  };
}
