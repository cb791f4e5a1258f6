import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKey } from "../../src/use-cases/create-key.ts";
import { type RunningServer, startServer } from "../../src/server/start-server.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { openStore, type Store } from "../resolver/support/store.ts";
import { startProxy } from "../resolver/support/tcp-proxy.ts";
import { call } from "./support/checked-call.ts";

let store: Store;
let db: Database;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let server: RunningServer;
let key: string;
let unknown: string;
beforeEach(async () => {
  store = await openStore();
  db = openDatabase(store.url, { max: 2 });
  proxy = await startProxy(store.url);
  server = await startServer({
    databaseUrl: proxy.url,
    host: "127.0.0.1",
    port: 0,
    log: () => undefined,
    limits: { serve: 1_000_000 },
  });
  const version = await store.addVersion("a/b", artifact("one"));
  await store.movePointer({ label: "production", prompt: "a/b" }, { active_version: version });
  const request = { name: "test", role: "admin", grants: {}, owner: "ann" } as const;
  key = (await createKey(db, request)).key;
  unknown = (await createKey(db, request)).key;
  // From now on it has the key and the prompt in memory.
  const { status } = await resolve();
  if (status !== 200) throw new Error(`the server answers ${status}`);
});
afterEach(async () => {
  proxy.thaw();
  proxy.accept();
  proxy.cut();
  await server.stop();
  await proxy.close();
  await db.destroy();
  await store.close();
});

const resolve = (who = key) =>
  call(server.url, "POST /v1/resolve", { key: who, body: { prompt: "a/b", unit: "user-1" } });
const ready = async () => (await call(server.url, "GET /readyz")).status;
/** Asks for longer than a checked key is believed without asking again, and counts what is answered after that. */
async function goesOn(): Promise<void> {
  const began = performance.now();
  let late = 0;
  for (let at = 0; at < 10_000; at = performance.now() - began) {
    const { status, body } = await resolve();
    expect({ status, prompt: body.prompt }).toEqual({ status: 200, prompt: "a/b" });
    if (at > 6_000) late++;
  }
  // From memory, and not once for each time that the store is waited for.
  expect(late).toBeGreaterThan(20);
}

describe("a server whose Postgres", () => {
  it("refuses connections serves what it has, refuses writes and new keys for now, and is itself again after", async () => {
    proxy.refuse();
    await goesOn();
    expect((await call(server.url, "GET /healthz")).status).toBe(200);
    expect(await ready()).toBe(503);
    const write = await call(server.url, "POST /v1/rollbacks", {
      key,
      body: { prompt: "a/b", reason: "worse" },
      headers: { "idempotency-key": "back-1" },
    });
    expect(write).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
    expect(write.headers.get("retry-after")).toBe("1");
    // What cannot be looked up is not said not to be there.
    for (const address of [
      "/api/public/v2/prompts/a%2Fb?label=latest",
      "/v1/dead-letters/0f8fad5b-d9cb-469f-a165-70867728950e",
    ])
      expect((await call(server.url, `GET ${address}`, { key })).status, address).toBe(503);
    // Nobody can say whether it is good: it is not told that it is bad.
    expect((await resolve(unknown)).status).toBe(503);
    proxy.accept();
    await eventually("it is ready again", async () => (await ready()) === 200, 20_000);
    expect((await resolve(unknown)).status).toBe(200);
    const again = await call(server.url, "POST /v1/rollbacks", {
      key,
      body: { prompt: "a/b", reason: "worse" },
      headers: { "idempotency-key": "back-1" },
    });
    expect(again).toMatchObject({ status: 200, body: { changed: false } });
  });

  it("is frozen serves what it has, without waiting for it each time", async () => {
    proxy.freeze();
    await goesOn();
    proxy.thaw();
    await eventually("it is ready again", async () => (await ready()) === 200, 20_000);
    expect((await resolve(unknown)).status).toBe(200);
  });
});
