import { describe, expect, it } from "vitest";
import { breakerOver, memoryBreakerStore } from "../../src/providers/breaking/circuit-breaker.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import { chatAnswer, json, wireServer, type WireAnswer } from "./wire-server.ts";

const target = { provider: "openai", model: "gpt-5-mini" } as const;

/** Two workers against one endpoint, with a shared breaker and a clock that the test moves. */
async function parts(answer: WireAnswer) {
  const clock = { ms: 0 };
  const store = memoryBreakerStore(() => clock.ms);
  let says = answer;
  const server = await wireServer((...given) => says(...given));
  const worker = () =>
    createProviders({
      openai: { apiKey: "k", baseURL: `${server.url}/v1` },
      maxRetries: 0,
      breaker: breakerOver(store, { threshold: 3, openMs: 1000 }),
    });
  const [one, other] = [worker(), worker()];
  const kind = (providers: typeof one) =>
    providers.complete({ target, request: { messages: [] } }).then(
      () => "answered",
      (error: { details: { kind: string } }) => error.details.kind,
    );
  return {
    clock,
    server,
    one: () => kind(one),
    other: () => kind(other),
    become: (next: WireAnswer) => (says = next),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("a circuit breaker", () => {
  it("opens after outages in a row, for every worker, and lets one call probe", async () => {
    await using both = await parts(json(503, {}));
    expect([await both.one(), await both.other(), await both.one()]).toEqual(["server", "server", "server"]);
    expect([await both.one(), await both.other()]).toEqual(["circuit_open", "circuit_open"]);
    expect(both.server.requests).toHaveLength(3);
    both.clock.ms = 1001;
    both.become(chatAnswer("hi"));
    const [probe, next] = await Promise.all([both.one(), both.other()]);
    expect([probe, next]).toEqual(["answered", "circuit_open"]);
    expect([await both.one(), await both.other()]).toEqual(["answered", "answered"]);
  });

  it("stays open when the probe fails", async () => {
    await using both = await parts(json(503, {}));
    for (let i = 0; i < 3; i += 1) await both.one();
    both.clock.ms = 1001;
    expect(await both.other()).toBe("server");
    expect(await both.one()).toBe("circuit_open");
  });

  it("does not open for what says nothing of the endpoint's health", async () => {
    for (const status of [400, 401, 404, 429]) {
      await using both = await parts(json(status, {}));
      for (let i = 0; i < 5; i += 1) expect(await both.one()).not.toBe("circuit_open");
    }
  });

  it("forgets failures after a success", async () => {
    await using both = await parts(json(503, {}));
    await both.one();
    await both.one();
    both.become(chatAnswer("hi"));
    await both.one();
    both.become(json(503, {}));
    expect([await both.one(), await both.one()]).toEqual(["server", "server"]);
    expect(await both.one()).toBe("server");
    expect(await both.one()).toBe("circuit_open");
  });
});
