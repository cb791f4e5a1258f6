import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createResolver,
  MemorySource,
  pinActivities,
  type Resolver,
  type ResolverOptions,
  type ResolverWarning,
  type Scope,
} from "../../src/resolver/index.ts";
import { artifact } from "./support/artifacts.ts";

const ROLLOUT = "0f8fad5b-d9cb-469f-a165-70867728950e";
const SCOPE: Scope = { label: "production", prompt: "greeting" };

let source: MemorySource;
let one: string;
let two: string;
let warnings: ResolverWarning[];
const resolvers: Resolver[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  source = new MemorySource();
  one = source.addVersion("greeting", artifact("Hello"));
  two = source.addVersion("greeting", artifact("Good day"));
  warnings = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(resolvers.splice(0).map((resolver) => resolver.close()));
});

async function open(options: Partial<ResolverOptions> = {}): Promise<Resolver> {
  const resolver = await createResolver({
    source,
    preload: ["greeting"],
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
  resolvers.push(resolver);
  return resolver;
}

/** Lets whatever waits for nothing but its turn go on. */
const settle = () => vi.advanceTimersByTimeAsync(0);

const canary = {
  candidate: "",
  mode: "canary",
  share: 5_000,
  salt: "s",
  epoch: 1,
  rolloutId: ROLLOUT,
} as const;

describe("what a service is told", () => {
  it("has the warnings of its renderings in it, each once a minute", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    const render = () => resolver.resolveSync({ prompt: "greeting" }).render({ name: "Ann", nmae: "x" });
    for (let i = 0; i < 5; i++) render();
    const message =
      'greeting@1: variable "nmae" is not declared by this prompt and was not used; did you mean "name"?';
    expect(warnings).toEqual([{ code: "render_warning", message, details: { prompt: "greeting" } }]);
    expect(resolver.metrics().warnings).toMatchObject({ render_warning: 5 });
    await vi.advanceTimersByTimeAsync(61_000);
    render();
    expect(warnings).toHaveLength(2);
  });
});

describe("a request without a prompt", () => {
  const model = "gpt-4.1-mini";
  it("is served the default of its model and tenant, whatever prompts have of their own", async () => {
    source.setPointer({ ...SCOPE, model }, { active: one });
    source.setPointer({ label: "production", model }, { active: two });
    const three = source.addVersion("apology", artifact("Sorry"));
    source.setPointer({ label: "production", model, tenant: "acme" }, { active: three });
    const resolver = await open({ preload: [] });
    expect(await resolver.resolve({ model: `openai/${model}` })).toMatchObject({
      prompt: "greeting",
      version: 2,
      scope: { label: "production", model },
    });
    expect(await resolver.resolve({ model, tenant: "acme" })).toMatchObject({
      prompt: "apology",
      version: 1,
    });
    expect(resolver.resolveSync({ model, tenant: "acme" })).toMatchObject({ version: 1, source: "memory" });
    expect(await resolver.resolve({ model: "gpt-5" })).toMatchObject({ source: "fallback", version: null });
    expect(await resolver.resolve({ prompt: "greeting", model })).toMatchObject({ version: 1 });
  });
});

describe("precedence", () => {
  const request = { prompt: "greeting", model: "us.anthropic.claude-x", tenant: "acme" };
  const levels: Scope[] = [
    { label: "production", prompt: "greeting", model: "anthropic.claude-x", tenant: "acme" },
    { label: "production", prompt: "greeting", model: "anthropic.claude-x" },
    { label: "production", prompt: "greeting", tenant: "acme" },
    { label: "production", prompt: "greeting" },
    { label: "production", model: "anthropic.claude-x", tenant: "acme" },
    { label: "production", model: "anthropic.claude-x" },
  ];

  it("is tenant+prompt+model, prompt+model, tenant+prompt, prompt, tenant+model, model, fallback", async () => {
    const other = source.addVersion("fallbacks/any", artifact("Anything"));
    for (const scope of levels) source.setPointer(scope, { active: scope.prompt ? one : other });
    const resolver = await open();
    for (const scope of levels) {
      const prompt = await resolver.resolve(request);
      expect(prompt.scope).toEqual(scope);
      expect(prompt.prompt).toBe(scope.prompt ?? "fallbacks/any");
      source.removePointer(scope);
      await settle();
    }
    expect(await resolver.resolve(request)).toMatchObject({
      source: "fallback",
      reason: "not_found",
      scope: null,
      version: null,
    });
  });

  it("hands a move of a general pointer to every tenant that inherits it", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    const tenants = Array.from({ length: 50 }, (_, i) => `tenant-${i}`);
    await Promise.all(tenants.map((tenant) => resolver.resolve({ prompt: "greeting", tenant })));
    source.setPointer({ ...SCOPE, tenant: "tenant-7" }, { active: one });
    source.setPointer(SCOPE, { active: two });
    await settle();
    for (const tenant of tenants)
      expect(resolver.resolveSync({ prompt: "greeting", tenant }).version).toBe(
        tenant === "tenant-7" ? 1 : 2,
      );
  });

  it("lets a row without an active version inherit, and its rollout measure against what it inherits", async () => {
    source.setPointer(SCOPE, { active: one });
    source.setPointer({ ...SCOPE, tenant: "acme" }, { ...canary, candidate: two });
    const resolver = await open();
    const arms = new Map<string, number | null>();
    for (let i = 0; i < 50; i++) {
      const prompt = await resolver.resolve({ prompt: "greeting", tenant: "acme", unit: `u${i}` });
      arms.set(prompt.arm, prompt.version);
    }
    expect(Object.fromEntries(arms)).toEqual({ candidate: 2, control: 1 });
    source.setPointer({ ...SCOPE, tenant: "acme" }, {});
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting", tenant: "acme" })).toMatchObject({
      version: 1,
      scope: SCOPE,
      reason: "active",
    });
  });

  it("knows a model by its alias", async () => {
    source.setPointer({ ...SCOPE, model: "gpt-5-mini" }, { active: two });
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ modelAliases: { "gpt-5-mini-2025-08-07": "openai/gpt-5-mini" } });
    const served = async (model: string) => (await resolver.resolve({ prompt: "greeting", model })).version;
    expect(await served("openai/GPT-5-mini")).toBe(2);
    expect(await served("gpt-5-mini-2025-08-07")).toBe(2);
    expect(await served("gpt-5-mini-2025-01-01")).toBe(1);
  });

  it("keeps labels apart", async () => {
    source.setPointer(SCOPE, { active: one });
    source.setPointer({ ...SCOPE, label: "staging" }, { active: two });
    const resolver = await open();
    expect((await resolver.resolve({ prompt: "greeting", label: "staging" })).version).toBe(2);
    expect((await resolver.resolve({ prompt: "greeting" })).version).toBe(1);
  });
});

describe("a canary", () => {
  it("serves the candidate to its arm, the baseline to the control and everybody else", async () => {
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two, share: 1_000 });
    const resolver = await open();
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const { arm, version, reason } = resolver.resolveSync({ prompt: "greeting", unit: `u${i}` });
      seen.add(`${arm} ${version} ${reason}`);
    }
    expect([...seen].toSorted()).toEqual([
      "candidate 2 enrolled",
      "control 1 enrolled",
      "unenrolled 1 not_enrolled",
    ]);
  });

  it("in holdback serves the promoted version to the candidate's arm and the one before it to the control's", async () => {
    source.setPointer(SCOPE, {
      ...canary,
      active: two,
      previous: one,
      candidate: two,
      mode: "holdback",
      share: 1_000,
    });
    const resolver = await open();
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const { arm, version } = resolver.resolveSync({ prompt: "greeting", unit: `u${i}` });
      seen.add(`${arm} ${version}`);
    }
    expect([...seen].toSorted()).toEqual(["candidate 2", "control 1", "unenrolled 2"]);
  });

  it.each([
    [undefined, "no_unit"],
    ["", "invalid_unit"],
    [42, "invalid_unit"],
  ])("enrols nobody as unit %j", async (unit, reason) => {
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two });
    const resolver = await open();
    const prompt = resolver.resolveSync({ prompt: "greeting", unit: unit as string });
    expect(prompt).toMatchObject({ arm: "unenrolled", version: 1, reason });
    prompt.render();
    await resolver.flush();
    expect(source.exposures).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(reason === "no_unit" ? [] : ["invalid_unit"]);
  });

  it("turns itself off to the millisecond when its lease runs out, whatever is asked meanwhile", async () => {
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two, leaseMs: 3_000 });
    const resolver = await open({ pollMs: 4_000 });
    const reason = () => resolver.resolveSync({ prompt: "greeting", unit: "u" }).reason;
    vi.advanceTimersByTime(2_999);
    expect(reason()).toBe("enrolled");
    vi.advanceTimersByTime(1);
    expect(reason()).toBe("lease_expired");
    expect(resolver.resolveSync({ prompt: "greeting", unit: "u" })).toMatchObject({
      arm: "unenrolled",
      version: 1,
    });
  });

  it("goes on under a renewed lease, which no notification tells of", async () => {
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two, leaseMs: 3_000 });
    const resolver = await open();
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two, leaseMs: 9_000 }, true);
    await vi.advanceTimersByTimeAsync(8_900);
    expect(resolver.resolveSync({ prompt: "greeting", unit: "u" }).reason).toBe("enrolled");
  });

  it("takes the whole round trip off a lease", async () => {
    const resolver = await open({ pollMs: 4_000, preload: [] });
    await settle();
    const read = source.read.bind(source);
    source.read = async (query) => {
      const answer = await read(query);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return answer;
    };
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two, leaseMs: 1_000 });
    const loading = resolver.preload(["greeting"]);
    await vi.advanceTimersByTimeAsync(500);
    await loading;
    expect(resolver.resolveSync({ prompt: "greeting", unit: "u" }).reason).toBe("enrolled");
    vi.advanceTimersByTime(500);
    expect(resolver.resolveSync({ prompt: "greeting", unit: "u" }).reason).toBe("lease_expired");
  });

  it("whose version is gone enrols nobody", async () => {
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two });
    source.removeVersion(two);
    const resolver = await open();
    expect(resolver.resolveSync({ prompt: "greeting", unit: "u" })).toMatchObject({
      arm: "unenrolled",
      version: 1,
      reason: "candidate_unusable",
    });
    expect(warnings).toMatchObject([{ code: "version_missing" }]);
  });
});

describe("when something is wrong", () => {
  it("serves what it had when the active version is gone, and the version once it is back", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    const gone = { id: "gone", prompt: "greeting", number: 3, sha256: "", artifact: artifact("New") };
    source.setPointer(SCOPE, { active: "gone" });
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      version: 1,
      reason: "version_missing",
    });
    source.putVersion({ ...gone, sha256: "0".repeat(64) });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      version: 1,
      reason: "hash_mismatch",
    });
    source.removePointer(SCOPE);
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      version: null,
      reason: "not_found",
    });
  });

  it("serves the fallback for an artifact that does not compile", async () => {
    const broken = artifact("{{#if}}");
    source.setPointer(SCOPE, { active: source.addVersion("greeting", broken) });
    const resolver = await open();
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      source: "fallback",
      reason: "artifact_invalid",
    });
    expect(warnings[0]!.message).toContain("greeting@3 cannot be used: message 1, line 1, column 1");
  });

  it.each([
    ["params", { params: null }],
    ["variables", { variables: { name: null } }],
    ["variables", { variables: { name: { type: "date" } } }],
    ["tools", { tools: [{ type: "function" }] }],
    ["fallbacks", { fallbacks: [null] }],
    ["messages", { messages: [null] }],
  ])(
    "serves the fallback for an artifact whose %s are of another form, though its hash is right",
    async (part, wrong) => {
      source.setPointer(SCOPE, {
        active: source.addVersion("greeting", { ...artifact("Hi"), ...wrong } as never),
      });
      const prompt = (await open()).resolveSync({ prompt: "greeting" });
      expect(prompt).toMatchObject({ source: "fallback", reason: "artifact_invalid" });
      expect(warnings[0]!.message).toBe(`greeting@3 cannot be used: its ${part} are of another form`);
      expect(prompt.toOpenAI({ name: "Ann" })).toMatchObject({ messages: expect.anything() });
    },
  );

  it("serves a fallback of the service's own", async () => {
    const resolver = await open({ fallback: artifact("Sorry") });
    const prompt = await resolver.resolve({ prompt: "nothing" });
    expect(prompt).toMatchObject({ prompt: "nothing", source: "fallback", reason: "not_found" });
    expect(prompt.render({ name: "Ann" }).messages).toEqual([{ role: "user", content: "Sorry, Ann" }]);
    resolver.record(prompt, { metrics: { rating: 1 } });
    expect(resolver.metrics().recorded.refused).toBe(1);
  });

  it.each([
    ["no prompt and no model", {}, "must name its prompt, or a model"],
    ["a version of no prompt", { model: "gpt-5", version: 3 }, "a version is of a prompt"],
    ["a prompt that is no text", { prompt: 7 }, "a prompt's name is text"],
    ["a name that cannot be", { prompt: "Greeting!" }, "not a valid name segment"],
    ["a label that cannot be", { prompt: "greeting", label: "No" }, "label"],
    ["a tenant that cannot be stored", { prompt: "greeting", tenant: "a\0b" }, "its tenant has characters"],
    ["a tenant that is no text", { prompt: "greeting", tenant: 7 }, "its tenant must be text"],
    ["nothing at all", undefined, "a request is an object"],
    ["a version that cannot be", { prompt: "greeting", version: -1 }, "a version is a whole number"],
    ["a pin that is none", { pin: "sluice1.abc" }, "the pin is not one"],
  ])("answers %s with the fallback and what is wrong", async (_, request, message) => {
    const resolver = await open({ preload: [] });
    expect(await resolver.resolve(request as never)).toMatchObject({
      source: "fallback",
      reason: "invalid_request",
    });
    expect(warnings[0]!.message).toContain(message);
    expect(resolver.resolveSync(request as never).source).toBe("fallback");
  });

  it("takes a tenant named __proto__ for a tenant", async () => {
    source.setPointer(SCOPE, { active: one });
    source.setPointer({ ...SCOPE, tenant: "__proto__" }, { active: two });
    const resolver = await open();
    expect((await resolver.resolve({ prompt: "greeting", tenant: "__proto__" })).version).toBe(2);
    expect((await resolver.resolve({ prompt: "greeting", tenant: "constructor" })).version).toBe(1);
    expect((await resolver.resolve({ prompt: "constructor" })).reason).toBe("not_found");
  });

  it("says when what is in memory may be too old, and when it is not any more", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    const from = () => resolver.resolveSync({ prompt: "greeting" }).source;
    source.disconnect();
    await vi.advanceTimersByTimeAsync(4_900);
    expect(from()).toBe("memory");
    await vi.advanceTimersByTimeAsync(200);
    expect(from()).toBe("stale");
    source.setPointer(SCOPE, { active: two });
    source.reconnect();
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({ source: "memory", version: 2 });
  });

  it("says so at the first look after the process was frozen, before any timer has run", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    await settle();
    const now = performance.now();
    const clock = vi.spyOn(performance, "now");
    const at = async (ms: number) => {
      await new Promise((turn) => process.nextTick(turn));
      clock.mockReturnValue(now + ms);
      return resolver.resolveSync({ prompt: "greeting" }).source;
    };
    expect(await at(5_000)).toBe("memory");
    expect(await at(5_001)).toBe("stale");
    expect(resolver.metrics().stale).toBe(true);
    clock.mockRestore();
    await new Promise((turn) => process.nextTick(turn));
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("memory");
  });

  it("waits once for a store that does not answer, then answers at once", async () => {
    source.read = () => new Promise(() => undefined);
    const resolver = await open({ preload: [], coldTimeoutMs: 300 });
    const first = resolver.resolve({ prompt: "greeting" });
    await vi.advanceTimersByTimeAsync(300);
    expect(await first).toMatchObject({ source: "fallback", reason: "timeout" });
    expect(await resolver.resolve({ prompt: "greeting" })).toMatchObject({ reason: "timeout" });
  });

  it("costs a store that is away no read a resolve", async () => {
    const resolver = await open({ preload: [] });
    await settle();
    source.disconnect();
    await settle();
    const before = source.reads;
    for (let i = 0; i < 100; i++)
      expect((await resolver.resolve({ prompt: `greeting-${i}` })).reason).toBe("store_unreachable");
    expect(source.reads).toBe(before);
    source.setPointer({ ...SCOPE, prompt: "greeting-7" }, { active: one });
    source.reconnect();
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting-7" }).version).toBe(1);
  });

  it("survives a warning handler that throws", async () => {
    const resolver = await open({
      preload: [],
      onWarning: () => {
        throw new Error("mine");
      },
    });
    expect((await resolver.resolve({ prompt: "nothing" })).reason).toBe("not_found");
  });
});

describe("memory", () => {
  it("reads once for 200 concurrent cold requests", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ preload: [] });
    await settle();
    const before = source.reads;
    const served = await Promise.all(
      Array.from({ length: 200 }, (_, i) => resolver.resolve({ prompt: "greeting", unit: `u${i}` })),
    );
    expect(served.every((prompt) => prompt.source === "store" && prompt.version === 1)).toBe(true);
    expect(source.reads - before).toBe(1);
  });

  it("answers resolveSync for what it does not have with the fallback, and has it the next time", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ preload: [] });
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      source: "fallback",
      reason: "cold",
    });
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({ source: "memory", version: 1 });
  });

  it("keeps the requests used last, and what was preloaded", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ cache: { max: 3 } });
    const tenants = ["a", "b", "c", "a", "d"];
    for (const tenant of tenants) await resolver.resolve({ prompt: "greeting", tenant });
    const warm = (tenant?: string) => resolver.resolveSync({ prompt: "greeting", tenant }).reason !== "cold";
    expect(warm()).toBe(true);
    expect(["a", "b", "c", "d"].filter(warm)).toEqual(["a", "c", "d"]);
    expect(resolver.metrics().cache.plans).toBe(4);
  });

  it("keeps the request used most, however others come into memory", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ preload: [], cache: { max: 50 } });
    await resolver.resolve({ prompt: "greeting", tenant: "hot" });
    for (let i = 0; i < 200; i++) {
      const hot = resolver.resolveSync({ prompt: "greeting", tenant: "hot" });
      expect(hot.source).toBe("memory");
      // Fetched for the next time; and made without asking, of what is known under another spelling.
      resolver.resolveSync({ prompt: "greeting", tenant: `cold-${i}` });
      resolver.resolveSync({ prompt: "greeting", model: `p${i}/m` });
      await settle();
    }
    expect(resolver.metrics().cache.plans).toBe(50);
  });

  it("keeps what is preloaded after it has been resolved", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ preload: [], cache: { max: 3 } });
    await resolver.resolve({ prompt: "greeting" });
    await resolver.preload(["greeting"]);
    for (let i = 0; i < 10; i++) await resolver.resolve({ prompt: "greeting", tenant: `tenant-${i}` });
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("memory");
    expect(resolver.metrics().cache.plans).toBe(4);
  });

  it("forgets nothing early when the connection flaps", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ cache: { ttlMs: 10_000 } });
    await resolver.resolve({ prompt: "greeting", tenant: "acme" });
    for (let i = 0; i < 100; i++) {
      source.disconnect();
      source.reconnect();
      await settle();
    }
    await vi.advanceTimersByTimeAsync(2_000);
    expect(resolver.metrics().cache.plans).toBe(2);
  });

  it("forgets what nobody asks for, but not while the store is away", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open({ cache: { ttlMs: 10_000 } });
    await resolver.resolve({ prompt: "greeting", tenant: "acme" });
    source.disconnect();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(resolver.metrics().cache.plans).toBe(2);
    source.reconnect();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(resolver.metrics().cache.plans).toBe(1);
  });

  it("asks again for what was invalidated, and for nothing else", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    for (const tenant of ["a", "ab"]) await resolver.resolve({ prompt: "greeting", tenant });
    resolver.invalidate({ tenant: "a" });
    expect(resolver.resolveSync({ prompt: "greeting", tenant: "ab" }).source).toBe("memory");
    expect((await resolver.resolve({ prompt: "greeting", tenant: "a" })).source).toBe("store");
    resolver.invalidate();
    expect(resolver.resolveSync({ prompt: "greeting" }).reason).toBe("cold");
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("memory");
  });

  it("hands a later move to everybody who shares a pointer with what was invalidated", async () => {
    source.setPointer(SCOPE, { active: two });
    const resolver = await open();
    const tenants = ["acme", "other"];
    for (const tenant of tenants) await resolver.resolve({ prompt: "greeting", tenant });
    resolver.invalidate({ prompt: "greeting", tenant: "acme" });
    // Neither by a notification alone nor by polls alone.
    for (const [quiet, version, active] of [
      [false, 1, one],
      [true, 2, two],
    ] as const) {
      source.setPointer(SCOPE, { active }, quiet);
      await vi.advanceTimersByTimeAsync(2_100);
      for (const tenant of [undefined, ...tenants])
        expect((await resolver.resolve({ prompt: "greeting", tenant })).version).toBe(version);
    }
  });

  it("makes nothing of an answer to a question from before it was told to forget", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    await resolver.resolve({ prompt: "greeting", tenant: "acme" });
    const read = source.read.bind(source);
    source.read = async (query) => {
      const answer = await read(query);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return answer;
    };
    await vi.advanceTimersByTimeAsync(2_050);
    source.setPointer(SCOPE, { active: two }, true);
    resolver.invalidate();
    const resolved = resolver.resolve({ prompt: "greeting", tenant: "acme" });
    await vi.advanceTimersByTimeAsync(200);
    expect((await resolved).version).toBe(2);
  });

  it("serves an exact version, which no rollout counts", async () => {
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two });
    const resolver = await open();
    const prompt = await resolver.resolve({ prompt: "greeting", version: 2, unit: "u" });
    expect(prompt).toMatchObject({ version: 2, arm: "unenrolled", reason: "version", rolloutId: null });
    expect(await resolver.resolve({ prompt: "greeting", version: 9 })).toMatchObject({ reason: "not_found" });
  });
});

describe("a pin", () => {
  it("is what an activity keeps of a resolution, and never the fallback", async () => {
    source.setPointer(SCOPE, { active: one });
    const resolver = await open();
    const { pinPrompt } = pinActivities(resolver);
    const pin = await pinPrompt({ prompt: "greeting", unit: "ann" });
    source.setPointer(SCOPE, { active: two });
    await settle();
    expect((await resolver.resolve({ prompt: "greeting", unit: "ann" })).version).toBe(2);
    expect(await resolver.resolve({ pin })).toMatchObject({ version: 1, reason: "pinned" });
    await expect(pinPrompt({ prompt: "nothing" })).rejects.toThrow('"nothing" cannot be pinned');
  });

  it("goes on with the same version, arm and rollout after everything has moved", async () => {
    source.setPointer(SCOPE, { ...canary, active: one, candidate: two });
    const resolver = await open();
    const before = resolver.resolveSync({ prompt: "greeting", unit: "ann" });
    const { token } = before;
    expect(token).not.toContain("ann");
    const three = source.addVersion("greeting", artifact("New"));
    source.setPointer(SCOPE, { active: three });
    await settle();
    expect(resolver.resolveSync({ prompt: "greeting", unit: "ann" }).version).toBe(3);
    const elsewhere = await open({ preload: [] });
    const pinned = await elsewhere.resolve({ pin: token });
    expect(pinned).toMatchObject({
      versionId: before.versionId,
      arm: before.arm,
      rolloutId: ROLLOUT,
      epoch: 1,
      reason: "pinned",
    });
    expect(pinned.unitDigest).toBe(before.unitDigest);
  });
});
