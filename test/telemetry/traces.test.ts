import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import {
  activeTraceId,
  activeTraceparent,
  inSpan,
  startTracing,
  stopTracing,
} from "../../src/telemetry/spans.ts";

interface SentSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

let collector: Server;
const bodies: string[] = [];
const paths: (string | undefined)[] = [];
beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      paths.push(request.url);
      bodies.push(body);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((listening) => collector.listen(0, "127.0.0.1", listening));
});
afterAll(() => void collector.close());

it("are made where the standard variables name somebody who takes them, and nowhere else", async () => {
  expect(readConfig({}, "/").makesTraces).toBe(false);
  const OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector:4318";
  expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT }, "/").makesTraces).toBe(true);
  expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: "true" }, "/").makesTraces).toBe(false);
  expect(await inSpan({ name: "nobody asks" }, async () => activeTraceparent() ?? "none")).toBe("none");
});

it("go from one process to the next by a traceparent, and say what failed", async () => {
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] =
    `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  process.env["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test";
  const trace = "0af7651916cd43dd8448eb211c80319c";
  try {
    await startTracing(true, "sluice-worker");
    let handedOn: string | undefined;
    await inSpan({ name: "sluice rollout start", parent: `00-${trace}-b7ad6b7169203331-01` }, async () => {
      await Promise.resolve();
      handedOn = activeTraceparent();
      expect(activeTraceId()).toBe(trace);
    });
    const failing = inSpan(
      {
        name: "activity promote",
        kind: "consumer",
        parent: handedOn,
        attributes: { "sluice.prompt": "greet", "sluice.version": undefined },
      },
      () => inSpan({ name: "chat gpt-5-mini", kind: "client" }, () => Promise.reject(new Error("no answer"))),
    );
    await expect(failing).rejects.toThrow("no answer");
    expect(activeTraceparent()).toBeUndefined();
  } finally {
    await stopTracing();
    delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
    delete process.env["OTEL_RESOURCE_ATTRIBUTES"];
  }
  expect(new Set(paths)).toEqual(new Set(["/v1/traces"]));
  const sent = bodies.flatMap((body) => (JSON.parse(body) as { resourceSpans: Resource[] }).resourceSpans);
  const spans = sent.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const [start, chat, promote] = ["sluice rollout start", "chat gpt-5-mini", "activity promote"].map((name) =>
    spans.find((span) => span.name === name),
  );
  expect(spans).toHaveLength(3);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([trace]));
  expect(start!.parentSpanId).toBe("b7ad6b7169203331");
  expect(promote!.parentSpanId).toBe(start!.spanId);
  expect(chat!.parentSpanId).toBe(promote!.spanId);
  expect([promote!.status, chat!.status]).toEqual([
    { code: 2, message: "no answer" },
    { code: 2, message: "no answer" },
  ]);
  expect(promote!.attributes.map(({ key }) => key)).toEqual(["sluice.prompt"]);
  const named = sent[0]!.resource.attributes.map(({ key }) => key);
  expect(named).toEqual(expect.arrayContaining(["service.name", "deployment.environment.name"]));
});

interface Resource {
  readonly resource: { readonly attributes: readonly { readonly key: string }[] };
  readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
}
