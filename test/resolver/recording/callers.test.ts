import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallerReport } from "../../../src/domain/prompt/caller-report.ts";
import { createResolver, MemorySource, type ResolverOptions } from "../../../src/resolver/index.ts";
import { serviceOfHost } from "../../../src/resolver/recording/service-name.ts";
import { artifact } from "../support/artifacts.ts";

/** Keeps what it is told, and answers as it is set to. */
class ToldSource extends MemorySource {
  readonly told: CallerReport[] = [];
  answer: boolean | undefined | Error = true;
  asked = 0;

  async reportCallers(report: string): Promise<boolean | undefined> {
    this.asked++;
    if (this.answer instanceof Error) throw this.answer;
    if (this.answer) this.told.push(JSON.parse(report) as CallerReport);
    return this.answer;
  }
}

let source: ToldSource;
beforeEach(() => {
  vi.useFakeTimers();
  source = new ToldSource();
  const active = source.addVersion("greeting", artifact("Hello"));
  source.setPointer({ label: "production", prompt: "greeting" }, { active });
});
afterEach(() => {
  vi.useRealTimers();
});

async function open(options: Partial<ResolverOptions> = {}) {
  const preload = ["greeting"];
  const resolver = await createResolver({
    source,
    preload,
    serviceName: "web",
    onWarning: () => undefined,
    ...options,
  });
  const render = (variables: object, more: object = {}) =>
    resolver.resolveSync({ prompt: "greeting" }).render(variables as Record<string, unknown>, more);
  return { resolver, render };
}
const sends = () => source.told.flatMap((report) => report.sends);

describe("what callers send", () => {
  it("is told soon, by name, type and length to a power of two, and no value of it", async () => {
    const { render } = await open();
    render({ name: "secret", absent: undefined }, { history: [{ role: "user", content: "secret" }] });
    expect(() => render({ name: 7, list: ["secret", 1, 2], json: { secret: 1 } })).toThrow(/name/);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(source.told).toEqual([
      {
        service: "web",
        sends: [
          {
            label: "production",
            prompt: "greeting",
            calls: 2,
            values: [
              { kind: "variable", name: "name", types: ["number", "string"], longest: 8, calls: 2 },
              { kind: "variable", name: "list", types: ["list"], longest: 4, calls: 1 },
              { kind: "variable", name: "json", types: ["json"], longest: 0, calls: 1 },
              { kind: "placeholder", name: "history", types: ["list"], longest: 1, calls: 1 },
            ],
          },
        ],
      },
    ]);
    expect(JSON.stringify(source.told)).not.toContain("secret");
  });

  it("is told again within ten minutes, at once where it is new, and not at all where nobody calls", async () => {
    const { render } = await open();
    render({ name: "Ann" });
    await vi.advanceTimersByTimeAsync(3_000);
    for (let i = 0; i < 50; i++) render({ name: "Bob" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(source.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(900_000);
    expect(sends().map(({ calls }) => calls)).toEqual([1, 50]);
    render({ name: "a longer one" });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(sends()[2]).toMatchObject({ calls: 1, values: [{ longest: 16 }] });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(source.asked).toBe(3);
  });

  it.each([
    ["a busy store", false as const, 3_000],
    ["a store that is away", new Error("gone"), 45_000],
  ])("is kept for %s, and lost by none", async (_, answer, ms) => {
    const { render } = await open();
    source.answer = answer;
    render({ name: "Ann" });
    await vi.advanceTimersByTimeAsync(3_000);
    source.answer = true;
    render({ name: "Annabel" });
    await vi.advanceTimersByTimeAsync(ms);
    expect(sends()).toMatchObject([{ calls: 2, values: [{ calls: 2, longest: 8, types: ["string"] }] }]);
  });

  it("is told when the resolver is closed, and never of one that is not to tell", async () => {
    const told = await open();
    told.render({ name: "Ann" });
    await told.resolver.close();
    expect(sends()).toMatchObject([{ calls: 1 }]);
    const quiet = await open({ callers: false });
    quiet.render({ name: "Ann" });
    await quiet.resolver.close();
    expect(source.asked).toBe(1);
  });

  it("does not grow with callers that make up names, and takes objects that throw", async () => {
    const { resolver, render } = await open();
    for (let i = 0; i < 300; i++) render({ [`x${i}`]: 1, ["y".repeat(200)]: 1, "a\0b": 1 });
    const hostile = {
      get name(): string {
        throw new Error("not this one");
      },
    };
    expect(() => render(hostile)).toThrow("not this one");
    await resolver.close();
    const [told] = sends();
    expect(told!.calls).toBe(301);
    expect(told!.values).toHaveLength(200);
    expect(told!.values.every(({ name }) => /^x\d+$/.test(name))).toBe(true);
  });

  it.each(["", "a\nb", "x".repeat(65)])(
    "is under a name that can stand in a line, not %j",
    async (serviceName) => {
      await expect(open({ serviceName })).rejects.toThrow(/serviceName: use 1 to 64 letters/);
    },
  );
});

describe("a service's name", () => {
  it.each([
    ["web-6d4cf56db6-x7x2k", "web"],
    ["web-3.internal.example.com", "web"],
    ["checkout-api-0", "checkout-api"],
    ["ip-10-0-3-17.ec2.internal", "ip"],
    ["3f9c1d2e4b5a", "unnamed"],
    ["Build01", "build"],
    ["12345", "unnamed"],
  ])("of host %s is %s", (host, name) => expect(serviceOfHost(host)).toBe(name));
});
