import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unitDigest } from "../../../src/digest.ts";
import {
  BatchRefused,
  createResolver,
  MemorySource,
  type RecordingOptions,
  type Resolver,
  type ResolvedPrompt,
  RetryLater,
} from "../../../src/resolver/index.ts";
import { artifact } from "../support/artifacts.ts";

const ROLLOUT = "0f8fad5b-d9cb-469f-a165-70867728950e";
const SCOPE = { label: "production", prompt: "greeting" };

let source: MemorySource;
let resolver: Resolver;
let messages: string[];

beforeEach(async () => {
  vi.useFakeTimers();
  source = new MemorySource();
  const one = source.addVersion("greeting", artifact("Hello"));
  const two = source.addVersion("greeting", artifact("Good day"));
  source.setPointer(SCOPE, {
    active: one,
    candidate: two,
    mode: "canary",
    share: 5_000,
    salt: "s",
    epoch: 3,
    rolloutId: ROLLOUT,
  });
  await open();
});
afterEach(() => {
  vi.useRealTimers();
});

async function open(recording: RecordingOptions = {}): Promise<void> {
  messages = [];
  resolver = await createResolver({
    source,
    preload: ["greeting"],
    recording,
    onWarning: ({ message }) => messages.push(message),
  });
}

const served = (unit?: string): ResolvedPrompt => resolver.resolveSync({ prompt: "greeting", unit });

describe("a prompt that cannot be rendered", () => {
  it("of an enrolled unit is an exposure and an error, in either arm, and the caller is told as before", async () => {
    for (const unit of ["ann", "bob"]) expect(() => served(unit).toOpenAI({ name: 7 })).toThrow(/name/);
    await resolver.flush();
    expect(source.exposures.map(({ unit }) => unit).toSorted()).toEqual(
      ["ann", "bob"].map((unit) => unitDigest(undefined, unit)).toSorted(),
    );
    expect(source.outcomes.map(({ metrics }) => metrics)).toEqual([
      { error: 1, render_error: 1 },
      { error: 1, render_error: 1 },
    ]);
  });

  it("of nobody who is enrolled is recorded by nobody", async () => {
    expect(() => served().toOpenAI({ name: 7 })).toThrow(/name/);
    await resolver.flush();
    expect([source.exposures, source.outcomes]).toEqual([[], []]);
  });
});

describe("an exposure", () => {
  it("is recorded when the prompt is rendered, not when it is resolved, and once a unit", async () => {
    served("ann");
    await resolver.flush();
    expect(source.exposures).toEqual([]);
    for (let i = 0; i < 5; i++) served("ann").toOpenAI({ name: "Ann" });
    served("bob").toAnthropic({ name: "Bob" });
    await resolver.flush();
    expect(source.exposures).toEqual([
      { rollout: ROLLOUT, unit: unitDigest("", "ann"), arm: served("ann").arm, epoch: 3 },
      { rollout: ROLLOUT, unit: unitDigest("", "bob"), arm: served("bob").arm, epoch: 3 },
    ]);
  });

  it("says its attributes too where the token was written before the prompt was rendered", async () => {
    const prompt = await resolver.resolve({
      prompt: "greeting",
      unit: "ann",
      attributes: { language: "de" },
    });
    expect(prompt.token).not.toBe("");
    prompt.render({ name: "Ann" });
    await resolver.flush();
    expect(source.exposures.map(({ segments }) => segments)).toEqual([{ language: "de" }]);
  });

  it("says tenant, model and attributes of its unit, for segments; what cannot be used is said, not sent", async () => {
    const request = { prompt: "greeting", tenant: "acme", model: "gpt-5" };
    const of = async (attributes: unknown, unit: string) =>
      (await resolver.resolve({ ...request, unit, attributes: attributes as never })).render({ name: "Ann" });
    await of({ language: "de", beta: true, seats: 12, plan: undefined }, "ann");
    await of({ language: "x".repeat(100), "a b": "no", nested: {} }, "bob");
    await of("de", "cyd");
    served("dora").render({ name: "Ann" });
    await resolver.flush();
    const scope = { tenant: "acme", model: "gpt-5" };
    expect(source.exposures.map(({ segments }) => segments)).toEqual([
      { language: "de", beta: "true", seats: "12", ...scope },
      { language: "x".repeat(64), ...scope },
      scope,
      undefined,
    ]);
    expect(messages.join()).toContain('an attribute was not recorded: attribute "a b"');
  });

  it("says what is known of a unit also where the prompt had to be fetched first", async () => {
    const late = await createResolver({ source });
    const prompt = await late.resolve({ prompt: "greeting", unit: "eve", attributes: { language: "fr" } });
    prompt.render({ name: "Eve" });
    await late.flush();
    expect(source.exposures.at(-1)!.segments).toEqual({ language: "fr" });
    await late.close();
  });

  it("is not recorded for nobody in particular", async () => {
    served().render();
    await resolver.flush();
    expect(source.exposures).toEqual([]);
  });

  it("of one unit in two tenants is two", async () => {
    for (const tenant of ["a", "b"]) {
      const prompt = await resolver.resolve({ prompt: "greeting", tenant, unit: "ann" });
      prompt.render();
    }
    await resolver.flush();
    expect(source.exposures.map(({ unit }) => unit)).toEqual([
      unitDigest("a", "ann"),
      unitDigest("b", "ann"),
    ]);
  });

  it("goes in no later batch than the outcome it belongs to, also from another process", async () => {
    const batches: string[] = [];
    const record = source.record.bind(source);
    source.record = (batch) => {
      batches.push(batch);
      return record(batch);
    };
    const prompt = served("ann");
    prompt.render();
    const other = await createResolver({ source, recording: { flushMs: 10 } });
    other.record(prompt.token, { metrics: { rating: 5 } });
    await vi.advanceTimersByTimeAsync(10);
    expect(JSON.parse(batches[0]!)).toMatchObject({
      exposures: [{ unit: prompt.unitDigest }],
      outcomes: [{ unit: prompt.unitDigest, rollout: ROLLOUT, metrics: { rating: 5 } }],
    });
    await other.close();
  });

  it("is sent again for a unit that was forgotten among many others", async () => {
    await open({ exposedUnits: 4 });
    for (const unit of ["ann", "bob", "ann", "cid", "dan", "eve", "fay", "ann"]) served(unit).render();
    await resolver.flush();
    const count = (unit: string) =>
      source.exposures.filter((exposure) => exposure.unit === unitDigest("", unit)).length;
    expect(["ann", "bob", "fay"].map(count)).toEqual([2, 1, 1]);
  });
});

describe("an outcome", () => {
  it("carries the version, unit and request it came of", async () => {
    const prompt = await resolver.resolve({
      prompt: "greeting",
      tenant: "acme",
      model: "openai/GPT-5",
      unit: "ann",
    });
    prompt.render();
    resolver.record(prompt, {
      metrics: { rating: 5, ok: true },
      feedback: "nice",
      sample: { answer: "hi" },
      answeredBy: "gpt-5-2025-08-07",
    });
    await resolver.flush();
    expect(source.outcomes).toMatchObject([
      {
        version: prompt.versionId,
        rollout: ROLLOUT,
        unit: unitDigest("acme", "ann"),
        label: "production",
        model: "gpt-5",
        tenant: "acme",
        metrics: { rating: 5, ok: true },
        feedback: "nice",
        sample: { answer: "hi" },
        answered: "gpt-5-2025-08-07",
      },
    ]);
  });

  it("is sent within a quarter of a second by itself, many together", async () => {
    const sent = vi.spyOn(source, "record");
    for (let i = 0; i < 100; i++) resolver.record(served(), { metrics: { rating: i } });
    await vi.advanceTimersByTimeAsync(249);
    expect(source.outcomes.length).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(source.outcomes.length).toBe(100);
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it("is sent at once when there are 500", async () => {
    for (let i = 0; i < 500; i++) resolver.record(served(), { metrics: { rating: i } });
    await vi.advanceTimersByTimeAsync(0);
    expect(source.outcomes.length).toBe(500);
  });

  it.each([
    [{ rating: Number.NaN }, 'metric "rating" must be a finite number, not NaN'],
    [{ rating: Infinity }, 'metric "rating" must be a finite number, not Infinity'],
    [{ rating: "5" }, 'metric "rating" must be a finite number, not "5"'],
    [{ rating: { value: 5 } }, 'metric "rating" must be a finite number, not a value of type object'],
    [[5], "metrics must be an object of numbers, not a list"],
  ])("without its bad metric %j, which is warned of", async (metrics, message) => {
    resolver.record(served(), { metrics: metrics as never, feedback: "kept" });
    await resolver.flush();
    expect(source.outcomes).toMatchObject([{ metrics: {}, feedback: "kept" }]);
    expect(messages).toEqual([message]);
  });

  it.each([
    ["nothing but a bad metric", { metrics: { rating: Number.NaN } }],
    ["an id that is no UUID", { id: "7", metrics: { rating: 5 } }],
    ["no object", null],
  ])("of %s is refused, and never thrown about", async (_, outcome) => {
    resolver.record(served(), outcome as never);
    resolver.record("not a token", { metrics: { rating: 5 } });
    resolver.record(undefined as never, { metrics: { rating: 5 } });
    await resolver.flush();
    expect(source.outcomes).toEqual([]);
    expect(resolver.metrics().recorded.refused).toBe(3);
  });

  it("is kept without a sample that has no JSON form or is too long", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    resolver.record(served(), { metrics: { rating: 1 }, sample: circular });
    resolver.record(served(), { metrics: { rating: 2 }, sample: "x".repeat(300_000) });
    await resolver.flush();
    expect(source.outcomes.map(({ metrics, sample }) => [metrics["rating"], sample])).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(messages).toHaveLength(2);
  });

  it("cannot be changed after it was recorded", async () => {
    const metrics = { rating: 1 };
    resolver.record(served(), { metrics });
    metrics.rating = 2;
    await resolver.flush();
    expect(source.outcomes[0]!.metrics).toEqual({ rating: 1 });
  });

  it("with an id of the caller's own is stored once", async () => {
    const id = "11111111-2222-3333-4444-555555555555";
    for (let i = 0; i < 2; i++) resolver.record(served(), { id, metrics: { rating: 1 } });
    await resolver.flush();
    expect(source.outcomes).toHaveLength(1);
  });
});

describe("while the store takes nothing", () => {
  it("keeps what is recorded, and sends it when it can", async () => {
    source.disconnect();
    for (let i = 0; i < 10; i++) resolver.record(served(), { metrics: { rating: i } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(resolver.metrics().recorded).toMatchObject({ waiting: 10, outcomes: 0 });
    source.reconnect();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(source.outcomes.map(({ metrics }) => metrics["rating"])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(resolver.metrics().recorded).toMatchObject({ waiting: 0, outcomes: 10 });
  });

  it("drops what is too much, and counts it", async () => {
    await open({ queue: 5 });
    source.disconnect();
    for (let i = 0; i < 8; i++) resolver.record(served(), { metrics: { rating: i } });
    expect(resolver.metrics().recorded).toMatchObject({ waiting: 5, dropped: { outcome: 3 } });
    expect(messages.at(-1)).toContain("1 outcomes were dropped: 5 are waiting already");
  });

  it("tells the store, once it takes something again, how many outcomes of which version a verdict will miss", async () => {
    await open({ queue: 5 });
    const [ann, nobody] = [served("ann"), served()];
    ann.render({ name: "Ann" });
    await resolver.flush();
    source.disconnect();
    for (let i = 0; i < 8; i++) resolver.record(ann, { metrics: { rating: i } });
    for (let i = 0; i < 2; i++) resolver.record(nobody, { metrics: { rating: i } });
    source.reconnect();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(source.outcomes).toHaveLength(6);
    expect(source.outcomes.at(-1)).toMatchObject({
      version: ann.versionId,
      rollout: ROLLOUT,
      unit: null,
      metrics: {},
      dropped: 3,
    });
    await resolver.flush();
    expect(source.outcomes).toHaveLength(6);
  });

  it("tells it also of the last one, which it refused, and not of its own words where those are refused", async () => {
    const ann = served("ann");
    const record = source.record.bind(source);
    const refuse = (word: string) => {
      source.record = (batch) =>
        batch.includes(word) ? Promise.reject(new BatchRefused("no")) : record(batch);
    };
    refuse('"rating":7}');
    resolver.record(ann, { metrics: { rating: 7 } });
    await resolver.flush();
    expect(source.outcomes).toMatchObject([{ rollout: ROLLOUT, dropped: 1 }]);
    refuse('"version"');
    resolver.record(ann, { metrics: { rating: 7 } });
    await resolver.flush();
    expect(resolver.metrics().recorded).toMatchObject({ waiting: 0, dropped: { outcome: 2 } });
  });

  it("leaves it alone for as long as it asks", async () => {
    const sent = vi.spyOn(source, "record").mockRejectedValueOnce(new RetryLater("full", 10_000));
    resolver.record(served(), { metrics: { rating: 1 } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(source.outcomes).toHaveLength(1);
  });

  it("tries again later to record an exposure that it had to drop", async () => {
    await open({ queue: 1 });
    source.disconnect();
    resolver.record(served(), { metrics: { rating: 1 } });
    served("ann").render();
    expect(resolver.metrics().recorded.dropped.exposure).toBe(1);
    source.reconnect();
    await vi.advanceTimersByTimeAsync(3_000);
    served("ann").render();
    await resolver.flush();
    expect(source.exposures).toHaveLength(1);
  });

  it("gives up when it is closed, after as long as it was told, and says what was lost", async () => {
    await open({ closeTimeoutMs: 1_000 });
    source.disconnect();
    resolver.record(served(), { metrics: { rating: 1 } });
    const closing = resolver.close();
    await vi.advanceTimersByTimeAsync(1_000);
    await closing;
    expect(resolver.metrics().recorded).toMatchObject({ waiting: 0, dropped: { outcome: 1 } });
    resolver.record(served(), { metrics: { rating: 2 } });
    expect(resolver.metrics().recorded.dropped.outcome).toBe(2);
    expect(served().version).toBe(1);
  });

  it("sends everything when it is closed and the store is there", async () => {
    for (let i = 0; i < 1_234; i++) resolver.record(served(), { metrics: { rating: i } });
    await resolver.close();
    expect(source.outcomes).toHaveLength(1_234);
  });

  it("finds the one item that the store refuses, and keeps the others", async () => {
    const record = source.record.bind(source);
    source.record = (batch) =>
      batch.includes('"rating":7}') ? Promise.reject(new BatchRefused("no sevens")) : record(batch);
    for (let i = 0; i < 20; i++) resolver.record(served(), { metrics: { rating: i } });
    await resolver.flush();
    expect(source.outcomes).toHaveLength(19);
    expect(messages).toEqual(["1 outcomes were dropped: the store refused it: no sevens"]);
  });
});
