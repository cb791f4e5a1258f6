import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResolver, MemorySource, type Resolver } from "../../../src/resolver/index.ts";
import { artifact } from "../support/artifacts.ts";

let resolver: Resolver;
let exporter: InMemorySpanExporter;
let provider: BasicTracerProvider;

beforeEach(async () => {
  exporter = new InMemorySpanExporter();
  provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const source = new MemorySource();
  source.setPointer(
    { label: "production", prompt: "greeting" },
    { active: source.addVersion("greeting", artifact("Hello")) },
  );
  resolver = await createResolver({ source, preload: ["greeting"], onWarning: () => undefined });
});
afterEach(async () => {
  await resolver.close();
  await provider.shutdown();
  trace.disable();
  context.disable();
});

describe("a rendered prompt", () => {
  it("is named on the caller's active span, without being asked", () => {
    trace.getTracer("service").startActiveSpan("answer", (span) => {
      resolver.resolveSync({ prompt: "greeting" }).toOpenAI({ name: "Ann" });
      span.end();
    });
    expect(exporter.getFinishedSpans()[0]!.attributes).toMatchObject({
      "gen_ai.prompt.name": "greeting",
      "gen_ai.prompt.version": "1",
      "sluice.prompt.label": "production",
      "sluice.prompt.arm": "unenrolled",
    });
  });

  it("leaves spans alone that do not surround it, and renders where a service's tracing is broken", () => {
    const span = trace.getTracer("service").startSpan("beside");
    resolver.resolveSync({ prompt: "greeting" }).render({ name: "Ann" });
    span.end();
    expect(exporter.getFinishedSpans()[0]!.attributes).toEqual({});
    context.disable();
    const broken = new AsyncLocalStorageContextManager();
    broken.active = () => {
      throw new Error("out of order");
    };
    context.setGlobalContextManager(broken);
    const { messages } = resolver.resolveSync({ prompt: "greeting" }).render({ name: "Ann" });
    expect(messages).toEqual([{ role: "user", content: "Hello, Ann" }]);
  });
});
