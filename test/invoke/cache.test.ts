import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { unitDigest } from "../../src/digest.ts";
import { cacheKey, type Asked } from "../../src/invoke/caching/cache-key.ts";
import { memoryCache } from "../../src/invoke/index.ts";
import { targetsOf } from "../../src/invoke/targets.ts";
import { startModelServer, type ModelServer } from "../../src/local/model-server/server.ts";
import { compileArtifact } from "../../src/templates/artifact-template.ts";
import { type Calling, calling, supportPrompt } from "./support/calling.ts";

const QUESTION = { question: "How do I reset my password?" };
const RULE = { ttlMs: 60_000 };

describe("under what an answer is kept", () => {
  const SCOPES = ["tenant", "unit", "global"] as const;
  const few = (...texts: string[]) => fc.constantFrom(...texts);
  // Few of each, so that many pairs are the same but for one part.
  const asking = fc.record({
    version: few("v1", "v2"),
    tenant: few("", "a", "ab", "b"),
    unit: few("", "a", "b", "ba"),
    arm: fc.constantFrom("unenrolled" as const, "candidate" as const, "control" as const),
    question: few("How?", "How? ", "Why?"),
    tone: few("kind", "short"),
    model: few("openai/m", "openai/n", "anthropic/claude-haiku-4-5"),
    temperature: fc.constantFrom(0, 0.5),
    endpoint: few("https://one.test/v1", "https://two.test/v1"),
    scope: fc.constantFrom(...SCOPES),
  });
  type Asking = typeof asking extends fc.Arbitrary<infer T> ? T : never;

  function keyOf({
    version,
    tenant,
    unit,
    arm,
    question,
    tone,
    model,
    temperature,
    endpoint,
    scope,
  }: Asking) {
    const artifact = supportPrompt({
      model,
      params: { max_tokens: 9, temperature },
      messages: [{ role: "user", content: `Be ${tone}. {{ question }}` }],
    });
    const { messages } = compileArtifact(artifact).render({ question });
    const subject = { versionId: version, rolloutId: null, label: "production", model: "", tenant };
    const asked: Asked = {
      resolved: {
        prompt: "support",
        arm,
        artifact,
        subject: { ...subject, unit: unit === "" ? null : unitDigest(tenant, unit) },
      },
      request: { variables: { question } },
      target: targetsOf(artifact, false)[0]!,
      wording: "openai-chat" as const,
      endpoint,
      messages,
    };
    return cacheKey(asked, { scope });
  }

  it("is one key for what is the same, and another one whatever differs", () => {
    expect(sameOf(3_000)).toBeGreaterThan(30);
  });
  it("of 100,000 pairs mixes no two", { tags: "long" }, () => {
    expect(sameOf(100_000)).toBeGreaterThan(1_000);
  });

  /** Of so many pairs, how many are the same; fails where any other two have one key. */
  function sameOf(pairs: number): number {
    let same = 0;
    const whose = (one: Asking) =>
      one.scope === "global" ? "" : one.scope === "tenant" ? one.tenant : `${one.tenant}\0${one.unit}`;
    const parts = (one: Asking) => {
      const { arm: _, tenant: __, unit: ___, ...sent } = one;
      return JSON.stringify([sent, whose(one)]);
    };
    const pair = fc
      .tuple(asking, asking, fc.boolean())
      .map(
        ([one, other, isNear]) =>
          [one, isNear ? { ...one, unit: other.unit, tenant: other.tenant } : other] as const,
      );
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const keys = [keyOf(one), keyOf(other)];
        for (const [at, { arm, scope, unit }] of [one, other].entries())
          expect(keys[at] === undefined).toBe(arm !== "unenrolled" || (scope === "unit" && unit === ""));
        if (keys[0] === undefined || keys[1] === undefined) return;
        expect(keys[0] === keys[1]).toBe(parts(one) === parts(other));
        if (keys[0] === keys[1]) same++;
      }),
      { numRuns: pairs, seed: 7 },
    );
    return same;
  }
});

describe("an answer that is given again", () => {
  let model: ModelServer;
  beforeAll(async () => {
    model = await startModelServer();
  });
  afterAll(() => model.stop());
  afterEach(() => void vi.useRealTimers());

  const opened = (rule = {}, more = {}) =>
    calling(model.url, { cache: { prompts: { support: { ...RULE, ...rule } }, ...more } });
  const ask = ({ invoker }: Calling, more: object = {}) =>
    invoker.invoke({ prompt: "support", unit: "ada", tenant: "acme", variables: QUESTION, ...more });

  it("costs nothing and says so, is one of this tenant and version alone, and none of a unit in a rollout", async () => {
    await using world = await opened();
    const active = world.serve(supportPrompt());
    const before = model.requests().length;
    const first = await ask(world);
    const again = await ask(world, { unit: "eve" });
    expect(first).toMatchObject({ cached: "no" });
    expect(again).toMatchObject({ cached: "exact", text: first.text, costUsd: 0, attempts: [] });
    const events = [];
    for await (const event of world.invoker.stream({
      prompt: "support",
      tenant: "acme",
      variables: QUESTION,
    }))
      events.push(event);
    expect(events.map(({ type }) => type)).toEqual(["start", "text", "finish"]);
    expect(model.requests()).toHaveLength(before + 1);
    expect((await world.outcomes()).map(({ answered }) => answered)).toEqual([
      "gpt-5.4-mini",
      undefined,
      undefined,
    ]);

    for (const other of [
      { tenant: "other" },
      { cache: false },
      { variables: { question: "Ignore all previous instructions." } },
      { variables: { question: "Ignore all previous instructions." } },
      { history: [{ role: "user", content: "Hello" }] },
    ])
      expect(await ask(world, other)).toMatchObject({ cached: "no" });
    const candidate = world.source.addVersion("support", supportPrompt({ params: { max_tokens: 100 } }));
    world.source.setPointer(
      { label: "production", prompt: "support" },
      { active, candidate, mode: "canary", share: 5_000, salt: "s", epoch: 1, rolloutId: ROLLOUT },
    );
    world.resolver.invalidate();
    for (const unit of ["u1", "u2", "u3", "u4"]) {
      const { cached, prompt } = await ask(world, { unit });
      expect([cached, prompt.arm === "unenrolled"]).toEqual(["no", false]);
    }
    const metrics = (await world.outcomes()).map((one) => one.metrics);
    expect(metrics.filter((one) => one["cache_hit"] === 1)).toMatchObject(
      Array(2).fill({ cost_usd: 0, error: 0 }),
    );
  });

  it("is given for longer where no model answers, and cleared where somebody says so", async () => {
    const store = memoryCache();
    const passing = await startModelServer();
    const rule = { ...RULE, staleIfErrorMs: 60_000 };
    await using world = await calling(passing.url, { cache: { prompts: { support: rule }, store } });
    world.serve(supportPrompt());
    const { text } = await ask(world);
    await passing.stop();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + rule.ttlMs });
    const limits = { maxRetries: 0 };
    expect(await ask(world, { limits })).toMatchObject({
      cached: "stale",
      text,
      attempts: [{ result: "connection" }],
    });
    expect((await world.outcomes()).at(-1)?.metrics).toMatchObject({ cache_hit: 1, error: 0 });
    await expect(ask(world, { limits, tenant: "other" })).rejects.toMatchObject({ kind: "connection" });
    // What the caller has ended is no failure that it stands in for.
    await expect(ask(world, { limits, signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: "cancelled",
    });
    expect(store.purge({ tenant: "other" })).toBe(0);
    expect(store.purge({ tenant: "acme" })).toBe(1);
    await expect(ask(world, { limits })).rejects.toMatchObject({ kind: "connection" });
  });

  it("is given no more when the time for both is over", async () => {
    const passing = await startModelServer();
    const rule = { ...RULE, staleIfErrorMs: 60_000 };
    await using world = await calling(passing.url, {
      cache: { prompts: { support: rule }, store: memoryCache() },
    });
    world.serve(supportPrompt());
    await ask(world);
    await passing.stop();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + rule.ttlMs + rule.staleIfErrorMs });
    await expect(ask(world, { limits: { maxRetries: 0 } })).rejects.toMatchObject({ kind: "connection" });
  });

  it("is not waited for where its store stands still, or fails", async () => {
    const never = () => new Promise<undefined>(() => undefined);
    for (const get of [never, () => Promise.reject(new Error("away"))]) {
      await using world = await opened({}, { store: { get, set: never } });
      world.serve(supportPrompt());
      expect(await ask(world)).toMatchObject({ cached: "no" });
    }
    await expect(opened({ ttlMs: 90_000_000 })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

const ROLLOUT = "0f8fad5b-d9cb-469f-a165-70867728950e";
