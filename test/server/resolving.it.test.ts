import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../../src/server/start-server.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let key: string;
let versions: string[];
let rollout: string;
const asking = (text: string) => ({
  ...artifact(text),
  messages: [{ role: "user", content: `${text} {{ question }}` }],
  variables: { question: { type: "string", required: true } },
});

beforeAll(async () => {
  bench = await openServer();
  key = await bench.key({ role: "resolver" });
  versions = [];
  for (const text of ["one", "two"])
    versions.push(await bench.store.addVersion("a/b", asking(text) as never));
  rollout = await bench.store.addRollout("a/b", versions[1]!, versions[0]!);
  await bench.store.movePointer(
    { label: "production", prompt: "a/b" },
    {
      active_version: versions[0]!,
      candidate_version: versions[1]!,
      mode: "canary",
      share: 5_000,
      salt: "s",
      epoch: 1,
      rollout_id: rollout,
      lease_until: new Date(Date.now() + 600_000),
    },
  );
});
afterAll(() => bench.close());

const post = (path: string, body: unknown) => call(bench.server.url, `POST ${path}`, { key, body });
const resolve = (unit: string, more = {}) =>
  post("/v1/resolve", { prompt: "a/b", unit, variables: { question: "why?" }, ...more });

describe("a service without the library", () => {
  it("gets each unit the same version every time, and both arms among many", async () => {
    const arms = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const first = (await resolve(`user-${i}`)).body;
      expect((await resolve(`user-${i}`)).body).toMatchObject({ arm: first.arm, version: first.version });
      expect(first.version).toBe(first.arm === "candidate" ? 2 : 1);
      expect(first.messages).toEqual([
        { role: "user", content: `${first.version === 2 ? "two" : "one"} why?` },
      ]);
      arms.add(first.arm);
    }
    expect(arms).toEqual(new Set(["candidate", "control"]));
  });

  it("sends outcomes with tokens, which are joined to their units, once", async () => {
    const { body } = await resolve("user-outcome");
    const id = randomUUID();
    const items = [
      { token: body.token, metrics: { rating: 5 }, id },
      { token: "no token", metrics: { rating: 1 } },
    ];
    const { exposures, ...taken } = (await post("/v1/outcomes", { items })).body;
    // The server tells the exposure of what it has rendered, too, a little later; whoever is first has it counted.
    expect(exposures === 0 || exposures === 1).toBe(true);
    expect(taken).toMatchObject({
      outcomes: 1,
      joined: 1,
      refusedItems: [{ at: 1 }],
    });
    expect((await post("/v1/outcomes", { items: items.slice(0, 1) })).body).toMatchObject({
      exposures: 0,
      outcomes: 0,
    });
  });

  it("is told of what cannot be stored, and never that all is well with what is stored nowhere", async () => {
    const { token } = (await resolve("user-1")).body;
    const item = { token, metrics: { rating: 5 } };
    const send = (body: unknown) => call(bench.server.url, "POST /v1/outcomes", { key, body });
    expect((await send({ items: [item], note: 1 })).body.error).toMatchObject({ code: "invalid_input" });
    for (const body of [{ outcome: [] }, { note: 1, outcomes: [] }, [], "null", "7", [item]])
      expect((await send(body)).body.error, JSON.stringify(body)).toMatchObject({ code: "refused_batch" });
    expect((await send('{"items":')).status).toBe(400);
    expect((await send(' { "outcomes" : [] }')).body).toMatchObject({ outcomes: 0 });
    expect((await send(JSON.stringify({ items: [item] }, null, 2))).body).toMatchObject({ outcomes: 1 });
    const answeredBy = "gpt-5-2025-08-07";
    expect((await send({ items: [{ ...item, answeredBy }] })).body).toMatchObject({ outcomes: 1 });
    expect(await bench.store.query("select name, n from sluice.answering", [])).toEqual([
      { name: answeredBy, n: 1 },
    ]);
  });

  it("goes on with the same version by a token, whatever has moved since", async () => {
    const { body } = await resolve("user-pin");
    const again = await post("/v1/resolve", { pin: body.token, variables: { question: "now?" } });
    expect(again.body).toMatchObject({ version: body.version, arm: body.arm, reason: "pinned" });
    const rendered = await post("/v1/render", { token: body.token, variables: { question: "x" } });
    expect(rendered.body.messages[0].content).toMatch(/ x$/);
  });

  it("gets a request for the vendor of the version, and is told where it asks for another's", async () => {
    const { body } = await resolve("u", { format: "openai" });
    expect(body.request).toMatchObject({ model: expect.any(String), messages: [{ role: "user" }] });
    expect((await resolve("u", { format: "anthropic" })).body.error.message).toMatch(/take messages/);
    expect((await resolve("u", { format: "artifact", variables: {} })).body.artifact.messages).toHaveLength(
      1,
    );
  });

  it("is told which variable is missing", async () => {
    expect((await resolve("u", { variables: {} })).body).toMatchObject({
      status: 400,
      error: { code: "invalid_input", message: expect.stringContaining("question") },
    });
  });

  it("is never sent the neutral fallback", async () => {
    expect(await post("/v1/resolve", { prompt: "nothing/here" })).toMatchObject({ status: 404 });
    expect(await post("/v1/resolve", { prompt: "a/b", version: 99 })).toMatchObject({ status: 404 });
  });
});

describe("GET /v1/prompts/NAME", () => {
  const get = (path: string, headers = {}) => call(bench.server.url, `GET ${path}`, { key, headers });

  it("takes a name with its slashes encoded or not", async () => {
    for (const path of ["/v1/prompts/a%2Fb", "/v1/prompts/a/b"])
      expect((await get(path)).body).toMatchObject({ prompt: "a/b", version: 1, version_id: versions[0] });
  });

  it("answers 304 while the pointer has not moved, and a version for good", async () => {
    const { headers } = await get("/v1/prompts/a%2Fb");
    const etag = headers.get("etag")!;
    expect(etag).toMatch(/^"1-[0-9a-f]{8}"$/);
    // What zips answers on the way makes its tags weak, and a cache may have several.
    for (const has of [etag, `W/${etag}`, `"0-00000000", ${etag}`, "*"])
      expect((await get("/v1/prompts/a%2Fb", { "if-none-match": has })).status, has).toBe(304);
    expect((await get("/v1/prompts/a%2Fb", { "if-none-match": `${etag.slice(0, -2)}x"` })).status).toBe(200);
    const head = (headers: Record<string, string>) =>
      fetch(`${bench.server.url}/v1/prompts/a%2Fb`, { method: "HEAD", headers });
    const shown = await head({ authorization: `Bearer ${key}` });
    expect([shown.status, shown.headers.get("etag"), await shown.text()]).toEqual([200, etag, ""]);
    expect((await head({})).status).toBe(401);
    const exact = await get("/v1/prompts/a%2Fb?version=2");
    expect(exact.body).toMatchObject({ version: 2 });
    expect(exact.headers.get("cache-control")).toContain("immutable");
  });

  it("is prepared once for all who ask, and says to each what is theirs", async () => {
    const place = { label: "production", prompt: "a/moves" };
    const ids = [];
    for (const text of ["first", "second"])
      ids.push(await bench.store.addVersion("a/moves", asking(text) as never));
    await bench.store.movePointer(place, { active_version: ids[0]! });
    const stranger = await bench.key({ role: "resolver", grants: { prompts: ["c/"] } });
    const poll = { scopes: [{ ...place, model: "", tenant: "" }], have: [] };
    const asked = async (shown: string) => {
      const ask = (request: string, body?: unknown) =>
        call(bench.server.url, request, { key: shown, ...(body !== undefined && { body }) });
      const plain = await ask("GET /v1/prompts/a%2Fmoves");
      const named = await ask("GET /v1/prompts/a%2Fmoves?unit=user-1");
      const resolved = await ask("POST /v1/resolve", { prompt: "a/moves", variables: { question: "?" } });
      const polled = await ask("POST /v1/resolver/pointers", poll);
      const versionsOf = ({ body }: { body: { versions: { number: number }[] } }) =>
        body.versions.map(({ number }) => number);
      return {
        statuses: [plain, named, resolved, polled].map(({ status }) => status),
        versions: [plain, named, resolved].map(({ body }) => body.version),
        polled: versionsOf(polled),
        tokens: new Set([plain, named].map(({ body }) => body.token)).size,
        etag: plain.headers.get("etag"),
      };
    };
    const mine = { statuses: [200, 200, 200, 200], versions: [1, 1, 1], polled: [1], tokens: 2 };
    const nothing = { statuses: [404, 404, 404, 200], polled: [] };
    for (let round = 0; round < 2; round++) {
      expect(await asked(key)).toMatchObject(mine);
      expect(await asked(stranger)).toMatchObject(nothing);
    }
    const { etag } = await asked(key);
    await bench.store.movePointer(place, { active_version: ids[1]! });
    await eventually("the move is served", async () => (await asked(key)).versions[0] === 2);
    expect(await asked(key)).toMatchObject({ ...mine, versions: [2, 2, 2], polled: [2] });
    expect((await get("/v1/prompts/a%2Fmoves", { "if-none-match": etag! })).status).toBe(200);
    const withQuery = await call(bench.server.url, "POST /v1/resolver/pointers?x=1", { key, body: poll });
    expect(withQuery.status).toBe(400);
  });

  it("takes a parameter once", async () => {
    expect((await get("/v1/prompts/a%2Fb?label=production&label=staging")).status).toBe(400);
    expect((await get("/v1/prompts/a%2Fb?lable=production")).body.error.message).toMatch(/lable/);
  });
});

describe("what is answered in front of the router", () => {
  let usual: RunningServer;
  beforeAll(async () => {
    // With a line for each request, every one of them takes the usual path.
    usual = await startServer({
      databaseUrl: bench.store.url,
      host: "127.0.0.1",
      port: 0,
      logAll: true,
      log: () => undefined,
    });
  });
  afterAll(() => usual.stop());

  it("is what the router would answer, to the byte, whatever is wrong with it", async () => {
    const stranger = await bench.key({ role: "resolver", grants: { prompts: ["c/"] } });
    const viewer = await bench.key({ role: "viewer" });
    await bench.store.movePointer(
      { label: "production", prompt: "a/plain" },
      { active_version: await bench.store.addVersion("a/plain", asking("plain") as never) },
    );
    const json = (body: unknown, more = "") => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return `content-type: application/json\r\n${more}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
    };
    const plain = { prompt: "a/plain", unit: "user-1", variables: { question: "why?" } };
    const poll = { scopes: [{ label: "production", prompt: "a/plain", model: "", tenant: "" }], have: [] };
    const scopes = Buffer.from(JSON.stringify({ prompts: ["c/"] })).toString("base64url");
    let etag: string | null = null;
    for (const { url } of [usual, bench.server])
      await eventually("it is in memory", async () => {
        const { headers, body } = await call(url, "GET /v1/prompts/a%2Fplain", { key });
        etag = headers.get("etag");
        return body.source === "memory";
      });
    const requests = [
      ["GET /v1/prompts/a/plain", "\r\n"],
      ["GET /v1/prompts/a%2Fplain?label=production&unit=u", "\r\n"],
      ["GET /v1/prompts/a%2Fplain", `if-none-match: ${etag}\r\n\r\n`],
      ["GET /v1/prompts/a%2Fplain", `sluice-grants: ${scopes}\r\n\r\n`],
      ["GET /v1/prompts/a%2Fplain", json({})],
      ["GET /v1/prompts/a%2Fplain?lable=x", "\r\n"],
      ["POST /v1/resolve", json(plain)],
      ["POST /v1/resolve", json({ ...plain, variables: { question: "où, 日本?" } })],
      ["POST /v1/resolve", json('{"prompt":"a/plain","variables":{"question":"\\u00e9\\u0041"}}')],
      ["POST /v1/resolve", json(plain, "idempotency-key: one\r\n")],
      ["POST /v1/resolve", json(plain, `sluice-grants: ${scopes}\r\n`)],
      ["POST /v1/resolve", json(plain, "content-encoding: gzip\r\n")],
      ["POST /v1/resolve", json({ ...plain, variables: {} })],
      ["POST /v1/resolve", json({ ...plain, format: "anthropic" })],
      ["POST /v1/resolve", json({ ...plain, prompt: "nothing/here" })],
      ["POST /v1/resolve", json({ ...plain, unknown: 1 })],
      ["POST /v1/resolve", json('{"prompt":"a/plain","variables":{"question":"?","__proto__":{}}}')],
      ["POST /v1/resolve", json(`{"prompt":"a/plain","variables":{"question":${"[".repeat(70)}`)],
      ["POST /v1/resolve", json('{"prompt":')],
      ["POST /v1/resolve", json("null")],
      ["POST /v1/resolve", "content-type: text/plain\r\ncontent-length: 2\r\n\r\n{}"],
      ["POST /v1/resolve?x=1", json(plain)],
      ["POST /v1/resolver/pointers", json(poll)],
      ["POST /v1/resolver/pointers", json({ ...poll, have: ["x"] })],
    ] as const;
    for (const shown of [key, stranger, viewer])
      for (const [line, rest] of requests) {
        const head = `${line} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer ${shown}\r\nx-request-id: one\r\n`;
        const request = `${head}connection: close\r\n${rest}`;
        const wanted = await answerTo(usual.url, [request]);
        expect(wanted).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
        // The first of them may be what makes it known; a body may come after its head.
        expect(await answerTo(bench.server.url, [request])).toBe(wanted);
        expect(await answerTo(bench.server.url, [request])).toBe(wanted);
        expect(await answerTo(bench.server.url, [request.slice(0, -9), request.slice(-9)])).toBe(wanted);
      }
  });

  it("is counted once against what its key may ask", async () => {
    const limited = await startServer({
      databaseUrl: bench.store.url,
      host: "127.0.0.1",
      port: 0,
      limits: { serve: 0.001 },
      log: () => undefined,
    });
    for (const [variables, status] of [
      [{ question: "why?" }, 200],
      [{}, 400],
    ] as const) {
      const fresh = await bench.key({ role: "resolver" });
      const statuses = async () =>
        (await call(limited.url, "POST /v1/resolve", { key: fresh, body: { prompt: "a/b", variables } }))
          .status;
      // Of another kind, so that whose key it is is known.
      expect((await call(limited.url, "GET /v1/me", { key: fresh })).status).toBe(200);
      expect([await statuses(), await statuses()]).toEqual([status, 429]);
    }
    await limited.stop();
  });
});

/** All that is answered on a connection, but for the time of day. */
async function answerTo(url: string, parts: readonly string[]): Promise<string> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay(true);
  const answer = text(socket);
  for (const part of parts) {
    socket.write(part);
    // What was written has gone by itself, and the server has had its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (await answer).replace(/date: .*\r\n/i, "");
}

it("answers what it has begun when it is stopped, and takes nothing more", async () => {
  const server = await startServer({
    databaseUrl: bench.store.url,
    host: "127.0.0.1",
    port: 0,
    log: () => undefined,
  });
  const write = () =>
    call(server.url, "POST /v1/outcomes", {
      key,
      body: { outcomes: [{ id: randomUUID(), version: versions[0], metrics: { rating: 5 } }] },
    });
  expect((await write()).status).toBe(200);
  const holder = new pg.Client({ connectionString: bench.store.url });
  await holder.connect();
  await holder.query("begin; lock table sluice.outcomes in access exclusive mode");
  const begun = write();
  const waits = "select count(*)::int as n from pg_locks where not granted";
  await eventually("the write waits for Postgres", async () => (await holder.query(waits)).rows[0].n > 0);
  const stopped = server.stop();
  await eventually("no more is taken", () =>
    fetch(`${server.url}/healthz`).then(
      () => false,
      () => true,
    ),
  );
  await holder.query("commit");
  expect((await begun).body).toMatchObject({ outcomes: 1 });
  await stopped;
  await holder.end();
});
