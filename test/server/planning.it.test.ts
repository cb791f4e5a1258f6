import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artifact } from "../resolver/support/artifacts.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

const POLICY = {
  metrics: { rating: { window: "1m" } },
  canary: {
    max_units: 200,
    max_duration: "1d",
    goal: { metric: "rating", direction: "higher", claim: "superior" },
  },
};

let bench: ServerBench;
let editor: string;
beforeAll(async () => {
  bench = await openServer({ limits: { heavy: 1_000 } });
  editor = await bench.key({ role: "editor" });
  const one = await bench.store.addVersion("support/reply", artifact("Hello"));
  await bench.store.addVersion("support/reply", artifact("Good day"));
  await bench.store.movePointer({ label: "production", prompt: "support/reply" }, { active_version: one });
});
afterAll(() => bench.close());
const post = (path: string, body: unknown, key = editor) =>
  call(bench.server.url, `POST ${path}`, { key, body });

describe("a plan over HTTP", () => {
  it("says what a rollout would need, of the policy that came with the request", async () => {
    const { status, body } = await post("/v1/plan", {
      prompt: "support/reply",
      version: 2,
      policy: POLICY,
      unitsPerDay: 5_000,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      candidate: "support/reply@2",
      baseline: "support/reply@1",
      unitsPerDay: 5_000,
      trafficFrom: "given",
      history: { outcomes: 0 },
      metrics: [{ metric: "rating", role: "goal" }],
    });
  });

  it.each([
    [{ version: 1, policy: POLICY }, 409],
    [{ version: 9, policy: POLICY }, 404],
    [{ version: 2 }, 400],
    [{ version: 2, policy: { ...POLICY, gate: { dataset: "/etc/passwd" } } }, 400],
    [{ version: 2, policy: POLICY, unitsPerDay: 0 }, 400],
    [{ version: 2, policy: POLICY, prompt: "support/nothing" }, 404],
  ])("of %j is refused", async (ask, status) => {
    expect((await post("/v1/plan", { prompt: "support/reply", ...ask })).status).toBe(status);
  });
});

describe("a simulation over HTTP", () => {
  it("is the same for the same seed, and takes the prompt's usage for what is not given", async () => {
    const ask = { policy: POLICY, effect: ["rating=-0.5"], baseline: ["rating=4:1"], runs: 20, seed: 3 };
    const { status, body } = await post("/v1/simulations", ask);
    expect(status).toBe(200);
    expect(body).toMatchObject({ runs: 20, seed: 3, trafficFrom: "assumed", metrics: [{ from: "given" }] });
    expect(body.promoted + body.rolledBack + body.inconclusive).toBeCloseTo(1);
    expect((await post("/v1/simulations", { ...ask, prompt: "support/reply" })).body).toEqual(body);
  });

  it.each([
    [{}, 400],
    [{ policy: POLICY, runs: 10_001 }, 400],
    [{ policy: POLICY, effect: ["nothing=1"] }, 400],
    [{ policy: "/etc/passwd" }, 400],
    [{ prompt: "support/reply" }, 400],
    [{ prompt: "support/nothing", policy: POLICY }, 404],
  ])("of %j is refused", async (ask, status) => {
    expect((await post("/v1/simulations", ask)).status).toBe(status);
  });

  it("keeps nobody else waiting, and ends when whoever asked goes away", async () => {
    const stop = new AbortController();
    let isOver = false;
    // Hours of computing.
    const endless = fetch(`${bench.server.url}/v1/simulations`, {
      method: "POST",
      headers: { authorization: `Bearer ${editor}`, "content-type": "application/json" },
      body: JSON.stringify({
        policy: { ...POLICY, canary: { ...POLICY.canary, max_units: 2e6 } },
        runs: 10_000,
      }),
      signal: stop.signal,
    })
      .finally(() => (isOver = true))
      .catch((error: unknown) => error);
    for (let n = 0; n < 20; n++) expect((await call(bench.server.url, "GET /healthz")).status).toBe(200);
    expect(isOver).toBe(false);
    stop.abort();
    expect(await endless).toMatchObject({ name: "AbortError" });
    // With one thread it would have to wait for it.
    expect((await post("/v1/simulations", { policy: POLICY, runs: 1 })).status).toBe(200);
  });
});

describe("whether the log is whole, over HTTP", () => {
  it("is said of what a key may know of", async () => {
    const get = async (query = "", grants = {}) =>
      (
        await call(bench.server.url, `GET /v1/audit/verification${query}`, {
          key: await bench.key({ role: "viewer", grants }),
        })
      ).body;
    // Pointers were moved here without an entry.
    expect(await get()).toMatchObject({ ok: false, broken: [], astray: [{ prompt: "support/reply" }] });
    expect(await get("?prompt=support/reply")).toMatchObject({ ok: false });
    expect(await get("", { prompts: ["other/"] })).toMatchObject({ ok: true, astray: [], prompts: 0 });
    expect(await get("", { labels: ["staging"] })).toMatchObject({ ok: true, astray: [] });
  });
});
