import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  createResolver,
  MemorySource,
  type Outcome,
  type Resolver,
  type ResolveRequest,
} from "../../src/resolver/index.ts";
import { artifact } from "./support/artifacts.ts";

/** Values that throw when they are read, each in another way, and often what is not even an error. */
const revoked = (target: object = {}) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const textless = () => Object.create(null) as object;
const thrower = () => {
  throw new Error("not for you");
};
const throwsTextless = () => {
  // eslint-disable-next-line @typescript-eslint/only-throw-error
  throw textless();
};

/** How each is made: fast-check looks at what it generates, and would be the first to trip. */
type Maker = () => unknown;

const HOSTILE: readonly Maker[] = [
  () => revoked(),
  () => revoked([]),
  () => revoked(thrower),
  textless,
  () => Symbol("unit"),
  () => 10n,
  () => thrower,
  () => new Proxy({}, { get: thrower, ownKeys: thrower, has: thrower }),
  () => new Proxy({}, { get: throwsTextless, ownKeys: throwsTextless }),
  () => ({ toJSON: thrower, toString: thrower, valueOf: thrower }),
  () => ({ toJSON: throwsTextless, toString: throwsTextless }),
  () => {
    const around: Record<string, unknown> = {};
    around["self"] = around;
    return around;
  },
];
const hostile = fc.constantFrom(...HOSTILE);

/** Plain values, hostile ones, and objects that hold either, behind getters too. */
const anything = (keys: readonly string[]): fc.Arbitrary<Maker> => {
  const plain = fc.anything().map(
    (value): Maker =>
      () =>
        value,
  );
  const part = fc.oneof({ weight: 2, arbitrary: plain }, { weight: 3, arbitrary: hostile });
  const holder = fc.dictionary(fc.constantFrom(...keys), part, { maxKeys: keys.length }).map(
    (makers): Maker =>
      () =>
        Object.fromEntries(Object.entries(makers).map(([key, make]) => [key, make()])),
  );
  const lazy = fc.tuple(fc.constantFrom(...keys), fc.constantFrom(thrower, throwsTextless)).map(
    ([key, get]): Maker =>
      () =>
        Object.defineProperty({}, key, { get, enumerable: true }),
  );
  const nested = fc.tuple(fc.constantFrom(...keys), holder).map(([key, make]): Maker => () => ({
    [key]: make(),
  }));
  return fc.oneof(part, holder, lazy, nested);
};

const REQUEST = ["prompt", "label", "model", "tenant", "unit", "attributes", "version", "pin", "extra"];
const OUTCOME = ["metrics", "feedback", "sample", "id", "rating", "extra"];

let source: MemorySource;
let resolver: Resolver;
let warned: number;

beforeEach(async () => {
  source = new MemorySource();
  const one = source.addVersion("greeting", artifact("Hello"));
  const two = source.addVersion("greeting", artifact("Good day"));
  source.setPointer(
    { label: "production", prompt: "greeting" },
    {
      active: one,
      candidate: two,
      mode: "canary",
      share: 5_000,
      salt: "s",
      epoch: 1,
      rolloutId: "0f8fad5b-d9cb-469f-a165-70867728950e",
    },
  );
  warned = 0;
  resolver = await createResolver({
    source,
    preload: ["greeting"],
    onWarning: () => {
      warned++;
      throw new Error("the handler is broken too");
    },
  });
  return () => resolver.close();
});

describe("A caller who gives what cannot be read", () => {
  it("is served all the same, whatever the request is", async () => {
    await fc.assert(
      fc.asyncProperty(anything(REQUEST), async (make) => {
        const asked = make() as ResolveRequest;
        expect(resolver.resolveSync(asked).artifact).toBeDefined();
        expect((await resolver.resolve(asked)).artifact).toBeDefined();
        await resolver.preload([asked]);
      }),
      { numRuns: 500 },
    );
    expect(resolver.resolveSync({ prompt: "greeting", unit: "ann" })).toMatchObject({ source: "memory" });
  });

  it("is told what was wrong, once", async () => {
    const request = Object.defineProperty({ prompt: "greeting" }, "unit", { get: thrower }) as ResolveRequest;
    const served = await resolver.resolve(request);
    expect(served).toMatchObject({ source: "fallback", reason: "invalid_request" });
    expect(resolver.metrics().warnings).toMatchObject({ invalid_request: 1 });
    expect(warned).toBe(1);
  });

  it("renders what it was served, whatever it says of the unit", () => {
    fc.assert(
      fc.property(hostile, fc.string({ minLength: 1 }), (make, unit) => {
        const request = { prompt: "greeting", unit, attributes: make() } as unknown as ResolveRequest;
        expect(resolver.resolveSync(request).toOpenAI().messages).toHaveLength(1);
      }),
    );
  });

  it("loses nothing but its own outcome", async () => {
    const good = { metrics: { rating: 5 } };
    let recorded = 0;
    await fc.assert(
      fc.asyncProperty(anything(OUTCOME), anything(OUTCOME), async (makeOutcome, makeSubject) => {
        const prompt = resolver.resolveSync({ prompt: "greeting", unit: "ann" });
        resolver.record(prompt, makeOutcome() as Outcome);
        resolver.record(makeSubject() as string, good);
        resolver.record(prompt, good);
        recorded++;
        await resolver.flush();
      }),
      { numRuns: 500 },
    );
    const rated = source.outcomes.filter(({ metrics }) => Object.keys(metrics).join() === "rating");
    expect(rated.length).toBeGreaterThanOrEqual(recorded);
    for (const row of source.outcomes) expect(() => JSON.stringify(row)).not.toThrow();
  });

  it("counts each outcome as recorded or as refused", async () => {
    const prompt = resolver.resolveSync({ prompt: "greeting", unit: "ann" });
    const refused: unknown[] = [
      revoked(),
      Object.defineProperty({}, "metrics", { get: thrower, enumerable: true }),
      { metrics: new Proxy({}, { ownKeys: throwsTextless }) },
    ];
    for (const outcome of refused) resolver.record(prompt, outcome as Outcome);
    resolver.record(revoked() as unknown as string, { metrics: { rating: 1 } });
    await resolver.flush();
    expect(source.outcomes).toEqual([]);
    expect(resolver.metrics()).toMatchObject({ warnings: { refused_outcome: 4 } });
    // A sample that has no JSON form is left out, and the rest of its outcome is kept.
    resolver.record(prompt, { metrics: { rating: 2 }, sample: { toJSON: throwsTextless } });
    await resolver.flush();
    expect(source.outcomes).toMatchObject([{ metrics: { rating: 2 } }]);
  });
});
