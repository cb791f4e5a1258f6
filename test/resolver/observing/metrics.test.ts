import { metrics as api } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResolver, MemorySource, type Resolver } from "../../../src/resolver/index.ts";
import { Histogram } from "../../../src/resolver/observing/histogram.ts";
import { artifact } from "../support/artifacts.ts";

const SCOPE = { label: "production", prompt: "greeting" };

let source: MemorySource;
let resolver: Resolver | undefined;

beforeEach(() => {
  source = new MemorySource();
  source.setPointer(SCOPE, { active: source.addVersion("greeting", artifact("Hello")) });
});
afterEach(async () => {
  await resolver?.close();
  api.disable();
});

async function someTraffic(): Promise<Resolver> {
  resolver = await createResolver({ source, preload: ["greeting"], onWarning: () => undefined });
  for (let i = 0; i < 2_500; i++) resolver.resolveSync({ prompt: "greeting" });
  await resolver.resolve({ prompt: "greeting", tenant: "acme" });
  await resolver.resolve({ prompt: "nothing" });
  resolver.resolveSync({ prompt: "greeting" }).render({ nobody: "asked" });
  resolver.record(resolver.resolveSync({ prompt: "greeting" }), { metrics: { rating: 5 } });
  await resolver.flush();
  return resolver;
}

describe("metrics", () => {
  it("count what was served from where, and how long it took", async () => {
    const { metrics } = { metrics: (await someTraffic()).metrics() };
    expect(metrics).toMatchObject({
      served: { memory: 2_502, store: 1, stale: 0, snapshot: 0, fallback: 1 },
      hits: 2_502,
      misses: 2,
      latency: { memory: { count: 2 }, cold: { count: 2 } },
      cache: { plans: 3, versions: 1, loading: 0 },
      recorded: { outcomes: 1, waiting: 0 },
      warnings: { not_found: 1 },
      renderWarnings: { "greeting@1": 1 },
    });
    expect(metrics.latency.memory.p99).toBeLessThan(metrics.latency.cold.max + 1_000);
  });

  it("go to the service's OpenTelemetry, if it has one", async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    const provider = new MeterProvider({ readers: [reader] });
    api.setGlobalMeterProvider(provider);
    await someTraffic();
    await reader.forceFlush();
    const points = Object.fromEntries(
      exporter
        .getMetrics()[0]!
        .scopeMetrics.flatMap(({ metrics }) => metrics)
        .map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes, value }) => [Object.values(attributes).join(), value]),
        ]),
    );
    expect(points["sluice.resolver.resolutions"]).toEqual([
      ["memory", 2_502],
      ["store", 1],
      ["stale", 0],
      ["snapshot", 0],
      ["fallback", 1],
    ]);
    expect(points["sluice.resolver.misses"]).toEqual([["", 2]]);
    expect(points["sluice.resolver.warnings"]).toEqual([
      ["not_found", 1],
      ["render_warning", 1],
    ]);
    expect(points["sluice.resolver.records"]).toContainEqual(["outcome,stored", 1]);
    expect(points["sluice.resolver.cold.duration"]).toMatchObject([["", { count: 2 }]]);
    await provider.shutdown();
  });
});

describe("a spread", () => {
  it("says quantiles that are at most a fifth too high", () => {
    const histogram = new Histogram();
    for (let i = 1; i <= 10_000; i++) histogram.add(i / 100);
    const { count, mean, p50, p99, max } = histogram.summary();
    expect([count, mean, max]).toEqual([10_000, expect.closeTo(50.005), 100]);
    expect(p50 / 50).toBeGreaterThanOrEqual(1);
    expect(p50 / 50).toBeLessThan(1.2);
    expect(p99 / 99).toBeGreaterThanOrEqual(1);
    expect(p99 / 99).toBeLessThan(1.2);
  });

  it("of nothing is nothing, and takes whatever comes", () => {
    expect(new Histogram().summary()).toEqual({ count: 0, mean: 0, p50: 0, p99: 0, max: 0 });
    const histogram = new Histogram();
    for (const value of [0, 1e-9, 1e12]) histogram.add(value);
    expect(histogram.summary()).toMatchObject({ count: 3, max: 1e12 });
  });
});
