import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}
interface Sent {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

/** Takes traces, as an OpenTelemetry collector does. */
export async function startCollector() {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      const { resourceSpans } = JSON.parse(body) as Sent;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    /** For whoever makes traces. */
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
    /** How often each kind of span is in a trace, and those whose parent is not there. `root`: the span that asked for it. */
    trace(traceId: string, root: string) {
      const own = spans.filter((span) => span.traceId === traceId);
      const known = new Set([root, ...own.map(({ spanId }) => spanId)]);
      const counts: Record<string, number> = {};
      for (const { name } of own) counts[name] = (counts[name] ?? 0) + 1;
      const lost = own.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ""));
      return { counts, lost: lost.map(({ name }) => name) };
    },
    stop: () => void server.close(),
  };
}
