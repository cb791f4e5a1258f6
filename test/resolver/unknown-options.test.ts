import { expect, it, describe } from "vitest";
import { createResolver, MemorySource, type ResolverWarning } from "../../src/resolver/index.ts";
import { artifact } from "./support/artifacts.ts";

// As a service in JavaScript would: nothing checks what it writes.
async function opened(options: Record<string, unknown> = {}) {
  const source = new MemorySource();
  source.setPointer(
    { label: "production", prompt: "greeting" },
    { active: source.addVersion("greeting", artifact("Hello")) },
  );
  const warnings: ResolverWarning[] = [];
  const given = {
    source,
    preload: ["greeting"],
    onWarning: (one: ResolverWarning) => warnings.push(one),
    meter: false,
  };
  const resolver = await createResolver({ ...given, ...options } as never);
  const said = () => warnings.filter(({ code }) => code === "unknown_option").map(({ message }) => message);
  return { resolver, said };
}

describe("an option that nobody takes is told once, with the nearest one", () => {
  it("of createResolver, and of what stands in it", async () => {
    const { resolver, said } = await opened({
      lable: "staging",
      cache: { maxx: 5 },
      recording: { flushMS: 5 },
    });
    expect(said()).toEqual([
      'createResolver() takes no option "lable", and ignores it; did you mean "label"?',
      'createResolver({ cache }) takes no option "maxx", and ignores it; did you mean "max"?',
      'createResolver({ recording }) takes no option "flushMS", and ignores it; did you mean "flushMs"?',
    ]);
    await resolver.close();
  });

  it("of a request: from memory, cold, synchronous, by version, and of a blank unit", async () => {
    const { resolver, said } = await opened();
    for (let times = 0; times < 5; times++) {
      resolver.resolveSync({ prompt: "greeting", user: "u" } as never);
      await resolver.resolve({ prompt: "greeting", tennant: "u" } as never);
      await resolver.resolve({ prompt: "greeting", version: 1, lable: "x" } as never);
      await resolver.resolve({ prompt: "other", modle: "x" } as never);
      resolver.resolveSync({ prompt: "greeting", unit: "  " });
    }
    expect(said()).toEqual([
      'resolve() takes no option "user", and ignores it; did you mean "unit"?',
      'resolve() takes no option "tennant", and ignores it; did you mean "tenant"?',
      'resolve() takes no option "lable", and ignores it; did you mean "label"?',
      'resolve() takes no option "modle", and ignores it; did you mean "model"?',
      "resolve(): the unit is blank, so all such requests are one unit; pass who it is, or nothing",
    ]);
    await resolver.close();
  });

  it("of rendering and of recording", async () => {
    const { resolver, said } = await opened();
    const prompt = resolver.resolveSync({ prompt: "greeting" });
    prompt.render({}, { histroy: [] } as never);
    prompt.toOpenAI({}, { injection: "block" } as never);
    prompt.toAnthropic({}, { cache: true });
    resolver.record(prompt, { rating: 5 } as never);
    resolver.record(prompt, { metrics: { rating: 5 }, feedback: "fine" });
    expect(said()).toEqual([
      'render() takes no option "histroy", and ignores it; did you mean "history"?',
      'render(): injection "block" is not known, and nothing is looked at; use "flag" or "reject"',
      'record() takes no option "rating", and ignores it; a metric stands in metrics: { metrics: { rating: … } }',
    ]);
    await resolver.close();
  });

  it("is told though the mistake comes long after everything was warm, and what is right is never told", async () => {
    const { resolver, said } = await opened();
    for (let at = 0; at < 5000; at++)
      resolver.resolveSync({ prompt: "greeting", unit: `u${at}`, tenant: undefined });
    expect(said()).toEqual([]);
    for (let at = 0; at < 1100; at++) resolver.resolveSync({ prompt: "greeting", user: "u" } as never);
    expect(said()).toHaveLength(1);
    await resolver.close();
  });
});
