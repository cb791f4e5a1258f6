import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/local/processes/free-port.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { HttpSource } from "../../src/resolver/sources/http.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let viewer: string;
let resolver: string;
let versions: readonly string[];
const get = (path: string, key = viewer) => call(bench.server.url, `GET ${path}`, { key });

beforeAll(async () => {
  bench = await openServer({ limits: { read: 1_000 } });
  viewer = await bench.key({ role: "viewer" });
  resolver = await bench.key({ role: "resolver" });
  versions = [
    await bench.store.addVersion("support/reply", artifact("Hello")),
    await bench.store.addVersion("support/reply", artifact("Good day", { model: "openai/gpt-5.4" })),
    await bench.store.addVersion("other/thing", artifact("Goodbye")),
  ];
  const [hello, goodDay, goodbye] = versions;
  await bench.store.movePointer({ label: "production", prompt: "support/reply" }, { active_version: hello! });
  const acme = { label: "production", prompt: "support/reply", tenant: "acme" };
  const rollout = await bench.store.addRollout("support/reply", goodbye!, goodDay!);
  const canary = { candidate_version: goodbye!, mode: "canary", share: 500, rollout_id: rollout } as const;
  await bench.store.movePointer(acme, { active_version: goodDay!, ...canary });
  await bench.store.movePointer({ label: "production", prompt: "other/thing" }, { active_version: goodbye! });
  await bench.store.movePointer({ label: "staging", prompt: "support/reply" }, { active_version: goodDay! });
});
afterAll(() => bench.close());

describe("what differs between two versions", () => {
  it("is said part by part, with what their texts cost", async () => {
    expect((await get("/v1/diff?from=support/reply@1&to=support/reply@2.0.0")).body).toMatchObject({
      from: "support/reply@1",
      to: "support/reply@2",
      same: false,
      tokens: { before: 1, after: 1 },
      changes: [
        { part: "model", before: "openai/gpt-5.4-mini" },
        { part: "messages[0]", kind: "changed" },
      ],
    });
    expect((await get("/v1/diff?from=support/reply@1&to=support/reply@1")).body).toMatchObject({
      same: true,
    });
  });

  it.each([
    ["from=support/reply@1", 400],
    ["from=support/reply&to=support/reply@2", 400],
    ["from=../../etc/passwd@1&to=support/reply@2", 400],
    ["from=git:HEAD:prompt.yaml&to=support/reply@2", 400],
    ["from=support/reply@1&to=support/reply@9", 404],
    ["from=support/reply@1&to=support/nothing@1", 404],
  ])("of %s is refused", async (query, status) => {
    const { status: answered, body } = await get(`/v1/diff?${query}`);
    expect(answered).toBe(status);
    if (status === 400) expect(body.detail).toMatch(/^query\.\w+: (must name a version|is missing)/);
  });

  it("takes a key for both prompts", async () => {
    const key = await bench.key({ role: "viewer", grants: { prompts: ["support/"] } });
    const [foreign, missing] = [
      await get("/v1/diff?from=support/reply@1&to=other/thing@1", key),
      await get("/v1/diff?from=support/reply@1&to=other/nothing@1", key),
    ];
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    expect(foreign.body.detail.replace("other/thing", "other/nothing")).toBe(missing.body.detail);
  });
});

describe("a bundle", () => {
  it("is what the resolver library starts from while nothing can be reached", async () => {
    const { text } = await bundle("?prefix=support/");
    const folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
    const snapshotFile = join(folder, "prompts.json");
    await writeFile(snapshotFile, text);
    const warned: string[] = [];
    const prompts = await createResolver({
      source: new HttpSource(`http://${resolver}@127.0.0.1:${await freePort()}`),
      snapshotFile,
      onWarning: ({ code }) => warned.push(code),
    });
    try {
      const served = async (tenant?: string) =>
        prompts.resolve({ prompt: "support/reply", unit: "u", tenant });
      expect(await served()).toMatchObject({ source: "snapshot", version: 1, arm: "unenrolled" });
      // Its candidate is under a lease, which no file can hold.
      expect(await served("acme")).toMatchObject({ source: "snapshot", version: 2, arm: "unenrolled" });
      expect(warned).not.toContain("snapshot_unreadable");
    } finally {
      await prompts.close();
      await rm(folder, { recursive: true });
    }
  });

  it("is the same text for the same content, of one label, of the prompts whose names begin so", async () => {
    expect((await bundle("")).text).toBe((await bundle("")).text);
    const numbers = ({ body }: { body: { body: { versions: { prompt: string; number: number }[] } } }) =>
      body.body.versions.map(({ prompt, number }) => `${prompt}@${number}`);
    expect(numbers(await get("/v1/bundle", resolver))).toEqual([
      "other/thing@1",
      "support/reply@1",
      "support/reply@2",
    ]);
    expect(numbers(await get("/v1/bundle?label=staging&prefix=support", resolver))).toEqual([
      "support/reply@2",
    ]);
    expect(numbers(await get("/v1/bundle?prefix=support_", resolver))).toEqual([]);
  });

  it("leaves out what the key was not granted", async () => {
    await bench.store.movePointer({ label: "any", prompt: "" }, { active_version: versions[2]! });
    const held = async (grants: object, query = "") =>
      (await get(`/v1/bundle${query}`, await bench.key({ role: "resolver", grants }))).body.body.pointers.map(
        ({ prompt, tenant }: Record<string, string>) => `${prompt} ${tenant}`,
      );
    expect(await held({ prompts: ["support/"] })).toEqual(["support/reply ", "support/reply acme"]);
    expect(await held({ tenants: ["globex"] })).toEqual(["other/thing ", "support/reply "]);
    expect(await held({ labels: ["staging"] })).toEqual([]);
    expect(await held({ labels: ["any"] }, "?label=any&prefix=support/")).toEqual([" "]);
    expect(await held({ labels: ["any"], prompts: ["support/"] }, "?label=any")).toEqual([]);
  });

  async function bundle(query: string) {
    const response = await fetch(`${bench.server.url}/v1/bundle${query}`, {
      headers: { authorization: `Bearer ${resolver}` },
    });
    return { text: await response.text() };
  }
});

describe("what users said", () => {
  let rollout: string;
  const said = async (query = "", key = viewer) =>
    (await get(`/v1/feedback?prompt=support/reply${query}`, key)).body.items.map(
      ({ feedback, sample }: { feedback: string | null; sample: { output: string } | null }) =>
        feedback ?? sample?.output,
    );
  beforeAll(async () => {
    const [hello, goodDay] = versions;
    rollout = await bench.store.addRollout("support/reply", goodDay!, hello!);
    await bench.db.updateTable("rollouts").set({ tenant: "acme" }).where("id", "=", rollout).execute();
    const outcome = (more: object) => ({
      id: randomUUID(),
      unit: null,
      metrics: { rating: 5 },
      rollout: null,
      ...more,
    });
    const sample = { variables: { name: "Ann" }, output: "Hello, Ann" };
    for (const one of [
      outcome({ version: hello, feedback: "good" }),
      outcome({ version: hello, sample }),
      outcome({ version: goodDay, feedback: "better", rollout }),
      outcome({ version: versions[2], feedback: "of another prompt" }),
    ])
      await call(bench.server.url, "POST /v1/outcomes", {
        key: resolver,
        body: { exposures: [], outcomes: [one] },
      });
  });

  it("comes newest first, a page at a time, of one version or one kind where that is asked for", async () => {
    expect(await said()).toEqual(["better", "Hello, Ann", "good"]);
    expect(await said("&version=1")).toEqual(["Hello, Ann", "good"]);
    expect(await said("&only=sample")).toEqual(["Hello, Ann"]);
    expect(await said("&since=2100-01-01T00:00:00Z")).toEqual([]);
    const seen: string[] = [];
    for (let cursor = ""; ;) {
      const { body } = await get(`/v1/feedback?prompt=support/reply&limit=1${cursor}`);
      seen.push(...body.items.map(({ outcomeId }: { outcomeId: string }) => outcomeId));
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(new Set(seen).size).toBe(3);
    for (const query of ["version=0", "only=all", "since=now", "cursor=x", "limit=999"])
      expect((await get(`/v1/feedback?prompt=support/reply&${query}`)).status, query).toBe(400);
    expect((await get("/v1/feedback?prompt=support/reply&version=9")).status).toBe(404);
  });

  it("is, to a key for some tenants or labels, what was said in rollouts there", async () => {
    const key = (grants: object) => bench.key({ role: "viewer", grants });
    expect(await said("", await key({ tenants: ["acme"] }))).toEqual(["better"]);
    expect(await said("", await key({ tenants: ["globex"] }))).toEqual([]);
    expect(await said("", await key({ labels: ["production"] }))).toEqual(["better"]);
    expect(await said("", await key({ labels: ["staging"] }))).toEqual([]);
  });
});
