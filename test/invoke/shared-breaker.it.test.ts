import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../../src/local/model-server/server.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import { listCircuits } from "../../src/storage/read/circuits.ts";
import { resetBreakers } from "../../src/use-cases/reset-breakers.ts";
import { call } from "../server/support/checked-call.ts";
import { openServer, type ServerBench } from "../server/support/server-bench.ts";
import { supportPrompt } from "./support/calling.ts";
import { type CallerProcess, PROMPT, startCaller } from "./support/caller.ts";

/** Long enough that another call would come while the one that tries is under way. */
const PROBE_MS = 1_000;

describe("two processes that call the same model", () => {
  let bench: ServerBench;
  let model: ModelServer;
  let callers: CallerProcess[];
  beforeEach(async () => {
    model = await startModelServer();
    const openai = { apiKey: "local", baseURL: `${model.url}/v1` };
    bench = await openServer({
      invokeUsd: 5,
      limits: { serve: 1_000 },
      models: async (breaker) => createProviders({ openai, maxRetries: 0, ...(breaker && { breaker }) }),
    });
    const version = await bench.store.addVersion(PROMPT, supportPrompt());
    await bench.store.movePointer({ label: "production", prompt: PROMPT }, { active_version: version });
    callers = await Promise.all([0, 1].map(() => startCaller(bench.store.url, model.url)));
  });
  afterEach(async () => {
    for (const caller of callers) await caller.kill();
    await bench.close();
    await model.stop();
  });

  it("learn from each other that it is away, without a call; and one call alone finds that it is back", async () => {
    const [first, second] = callers as [CallerProcess, CallerProcess];
    for (const caller of callers) expect((await caller.call()).said).toBe("ok");
    await model.stop();
    const said: string[] = [];
    for (let at = 0; at < 11; at++) said.push((await first.call()).said);
    expect(said).toEqual([...Array.from({ length: 10 }, () => "connection"), "circuit_open"]);
    // The other one has found nothing out by itself.
    await second.until("open");
    expect((await second.call()).said).toBe("circuit_open");
    expect(await listCircuits(bench.db)).toMatchObject([
      { provider: "openai", endpoint: `${model.url}/v1`, model: null, state: "open", reason: "connection" },
    ]);

    model = await startModelServer({ port: model.port, latencyMs: PROBE_MS });
    for (const caller of callers) await caller.until("half_open");
    const untilAnswered = async (caller: CallerProcess) => {
      for (;;) {
        const { said: one } = await caller.call();
        if (one === "ok") return;
        expect(one).toBe("circuit_open");
        await delay(20);
      }
    };
    await Promise.all(callers.map(untilAnswered));
    const [probe, ...others] = model.requests().map(({ at, ms }) => ({ from: Date.parse(at) - ms, ms }));
    expect(others.length).toBeGreaterThan(0);
    // Whatever was asked beside the probe was asked after it had been answered.
    expect(others.filter(({ from }) => from < probe!.from + probe!.ms / 2)).toEqual([]);
  });

  it("call again once what was held back is reset", async () => {
    const [first, second] = callers as [CallerProcess, CallerProcess];
    for (const caller of callers) expect((await caller.call()).said).toBe("ok");
    await model.stop();
    while ((await first.call()).said !== "circuit_open");
    await second.until("open");
    model = await startModelServer({ port: model.port });
    await expect(resetBreakers(bench.db, "https://nobody.example/v1")).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await resetBreakers(bench.db, `${model.url}/v1`)).toMatchObject([
      { provider: "openai", model: null },
    ]);
    expect(await listCircuits(bench.db)).toEqual([]);
    for (const caller of callers) {
      await caller.until("closed");
      expect((await caller.call()).said).toBe("ok");
    }
  });

  it("tell a server that asks models for others, which counts no ten failures of its own", async () => {
    const key = await bench.key({ role: "resolver" });
    const body = { prompt: PROMPT, variables: { question: "And now?" } };
    const ask = async (): Promise<string> => {
      const answer = await call(bench.server.url, "POST /v1/invoke", { key, body });
      return answer.status === 200 ? "ok" : answer.body.error.details.kind;
    };
    expect(await ask()).toBe("ok");
    await model.stop();
    const [first] = callers as [CallerProcess];
    while ((await first.call()).said !== "circuit_open");
    const said: string[] = [];
    for (let at = 0; at < 9 && said.at(-1) !== "circuit_open"; at++) {
      await delay(at === 0 ? 0 : 500);
      said.push(await ask());
    }
    expect(said.at(-1)).toBe("circuit_open");
  });
});
