import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { messageOf } from "../domain/errors.ts";
import type { Spans } from "./span.ts";

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
  consumer: SpanKind.CONSUMER,
} as const;
const W3C = new W3CTraceContextPropagator();

/**
 * Spans by OpenTelemetry's SDK, sent by OTLP over HTTP as the standard variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`,
 * `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`, `OTEL_BSP_…`). Loaded only where they
 * are set.
 *
 * @param service the name of the service, where the variables give none
 */
export function openTelemetrySpans(service: string): Spans {
  const named = resourceFromAttributes({ "service.name": service });
  const provider = new BasicTracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracer = provider.getTracer("sluice");
  return {
    run({ name, kind = "internal", parent, attributes = {} }, work) {
      const from =
        parent === undefined
          ? context.active()
          : W3C.extract(ROOT_CONTEXT, { traceparent: parent }, defaultTextMapGetter);
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, from);
      return context.with(trace.setSpan(from, span), async () => {
        try {
          return await work();
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    active() {
      const carrier: Record<string, string> = {};
      W3C.inject(context.active(), carrier, defaultTextMapSetter);
      return carrier["traceparent"];
    },
    async stop() {
      await provider.shutdown().catch(() => undefined);
      context.disable();
    },
  };
}
