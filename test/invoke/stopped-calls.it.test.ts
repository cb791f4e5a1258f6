import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import { createInvoker } from "../../src/invoke/index.ts";
import { type ModelServer, startModelServer } from "../../src/local/model-server/server.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { call } from "../server/support/checked-call.ts";
import { openServer, type ServerBench } from "../server/support/server-bench.ts";
import { supportPrompt } from "./support/calling.ts";

const LOOK_MS = 200;
const QUESTION = { question: "And now?" };

let bench: ServerBench;
let model: ModelServer;
let sluice: Sluice;
beforeEach(async () => {
  model = await startModelServer();
  const openai = { apiKey: "local", baseURL: `${model.url}/v1` };
  bench = await openServer({
    invokeUsd: 5,
    limits: { serve: 1_000 },
    models: async (breaker) => createProviders({ openai, maxRetries: 0, ...(breaker && { breaker }) }),
  });
  const version = await bench.store.addVersion("support", supportPrompt());
  await bench.store.movePointer({ label: "production", prompt: "support" }, { active_version: version });
  sluice = createSluice({ databaseUrl: bench.store.url, actor: "anna" });
});
afterEach(async () => {
  await sluice.close();
  await bench.close();
  await model.stop();
});

it("a budget that is spent stops calls of a library on the database, of one on a server, and of the server itself, until it is taken away", async () => {
  const key = await bench.key({ role: "resolver" });
  const services = await Promise.all(
    [bench.store.url, bench.address(key)].map(async (source) => {
      const resolver = await createResolver({ source, onWarning: () => undefined, fleet: false });
      const providers = { openai: { apiKey: "local", baseURL: `${model.url}/v1` } };
      const invoker = createInvoker({ resolver, providers });
      const ask = () =>
        invoker.invoke({ prompt: "support", variables: QUESTION }).then(
          () => "ok",
          ({ kind }: { kind: string }) => kind,
        );
      return { ask, close: () => invoker.close().then(() => resolver.close()) };
    }),
  );
  const overHttp = async (): Promise<string> => {
    const body = { prompt: "support", variables: QUESTION };
    const answer = await call(bench.server.url, "POST /v1/invoke", { key, body });
    return answer.status === 200 ? "ok" : `${answer.status} ${answer.body.error.details.kind}`;
  };
  const all = () => Promise.all([...services.map(({ ask }) => ask()), overHttp()]);
  const until = async (what: string) => {
    while ((await all()).join() !== what) await delay(LOOK_MS);
  };
  const set = (monitors: unknown) => sluice.setMonitors({ prompt: "support", label: "production", monitors });
  try {
    expect(await all()).toEqual(["ok", "ok", "ok"]);
    await set({ cost: { per_day_usd: 0.000_001, stop: true } });
    await until("budget,budget,422 budget");
    const heard = async (asking: string) => {
      const answer = await call(bench.server.url, "GET /v1/resolver/spent-budgets", { key: asking });
      return answer.body.spent.map(({ spentUsd }: { spentUsd: number }) => spentUsd > 0.000_001);
    };
    expect(await heard(key)).toEqual([true]);
    // One tenant hears that all have spent it, and not how much.
    expect(await heard(await bench.key({ role: "resolver", grants: { tenants: ["acme"] } }))).toEqual([
      false,
    ]);
    const sent = model.requests().length;
    await all();
    expect(model.requests()).toHaveLength(sent);
    await set({ cost: { per_day_usd: 0.000_001 } });
    await until("ok,ok,ok");
  } finally {
    for (const { close } of services) await close();
  }
});
