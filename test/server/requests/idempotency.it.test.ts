import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readAudit } from "../../../src/storage/read/audit.ts";
import { setPointerByHand } from "../../../src/use-cases/set-pointer.ts";
import { artifact } from "../../resolver/support/artifacts.ts";
import { eventually } from "../../resolver/support/eventually.ts";
import { call, type Called } from "../support/checked-call.ts";
import { openServer, type ServerBench } from "../support/server-bench.ts";

let bench: ServerBench;
let key: string;
let prompt: string;
let name: string;

beforeAll(async () => {
  bench = await openServer({ limits: { write: 1_000 } });
  key = await bench.key({ role: "editor" });
});
afterAll(() => bench.close());

/** A prompt of which version 2 is live, and version 1 was. */
beforeEach(async () => {
  prompt = `p-${randomUUID().slice(0, 8)}`;
  name = randomUUID();
  for (const number of [1, 2]) {
    await bench.store.addVersion(prompt, artifact(`text ${number}`));
    await setLive(number, number - 1);
  }
});

const setLive = (number: number, expectedRevision: number) =>
  setPointerByHand(bench.db, {
    scope: { label: "production", prompt, model: "", tenant: "" },
    version: { prompt, number },
    expectedRevision,
    reason: "by hand",
    force: true,
    by: null,
  });

const rollBack = (more: { name?: string; key?: string; body?: object } = {}): Promise<Called> =>
  call(bench.server.url, "POST /v1/rollbacks", {
    key: more.key ?? key,
    body: { prompt, reason: "worse", ...more.body },
    headers: { "idempotency-key": more.name ?? name },
  });

/** Asks again while somebody else carries it out, as a client would. */
async function persistently(): Promise<Called> {
  let called: Called | undefined;
  await eventually("the request has been carried out", async () => {
    called = await rollBack();
    return called.status !== 409;
  });
  return called!;
}

const rollbacks = async () =>
  (await readAudit(bench.db, { prompt })).filter(({ action }) => action === "rolled_back").length;
/** How many connections to this database wait for a lock. */
const waiting = async (client: pg.Client) =>
  (
    await client.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
  ).rows.length;
const idOf = (text: string) => `http/${/^slu_([a-z0-9]+)_/.exec(text)![1]}/${name}`;

describe("a request with an Idempotency-Key", () => {
  it("that comes fifty times at once is carried out once, and all get the same answer", async () => {
    const called = await Promise.all(Array.from({ length: 50 }, () => rollBack()));
    expect(called.every(({ status }) => status === 200 || status === 409)).toBe(true);
    for (const { headers } of called.filter(({ status }) => status === 409))
      expect(headers.get("retry-after")).toBe("1");
    const answers = await Promise.all(
      called.map((one) => (one.status === 200 ? Promise.resolve(one) : persistently())),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]!.body).toMatchObject({ serves: `${prompt}@1`, changed: true, revision: 3 });
    expect(answers.filter(({ headers }) => headers.get("idempotency-replayed") === null)).toHaveLength(1);
    expect(await rollbacks()).toBe(1);
  });

  it("whose answer was lost gets it when it asks again", async () => {
    const body = JSON.stringify({ prompt, reason: "worse" });
    const { hostname, port } = new URL(bench.server.url);
    const socket = connect(Number(port), hostname);
    socket.end(
      [
        "POST /v1/rollbacks HTTP/1.1",
        `host: ${hostname}`,
        `authorization: Bearer ${key}`,
        `idempotency-key: ${name}`,
        "content-type: application/json",
        `content-length: ${Buffer.byteLength(body)}`,
        "",
        body,
      ].join("\r\n"),
    );
    await eventually("it is done", async () => (await rollbacks()) === 1);
    socket.destroy();
    const again = await persistently();
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.body).toMatchObject({ serves: `${prompt}@1`, changed: true, revision: 3 });
    expect(await rollbacks()).toBe(1);
  });

  it("is gone on with by another server when the one that had it falls silent, and done once", async () => {
    const other = new pg.Client(bench.store.url);
    await other.connect();
    await other.query("begin");
    await other.query("select from sluice.pointers where prompt = $1 for update", [prompt]);
    const first = rollBack();
    await eventually("it is being carried out", async () => (await waiting(other)) === 1);
    expect((await rollBack()).status).toBe(409);
    // As if it had given no sign of life for longer than a claim lasts.
    let second: Called | undefined;
    const takenOver = eventually("another has taken it over", async () => {
      await sql`update sluice.operations set outcome = outcome || '{"until": 0}' where id = ${idOf(key)}`.execute(
        bench.db,
      );
      second = await rollBack();
      return second.status !== 409;
    });
    await eventually("both are at it", async () => (await waiting(other)) === 2);
    await other.query("commit");
    await other.end();
    await takenOver;
    // How long each has waited for the fleet is its own.
    expect((await first).body).toEqual({ ...second!.body, fleet: expect.anything() });
    expect(await rollbacks()).toBe(1);
  });

  it("is refused where the key was another request's, and changes nothing", async () => {
    await rollBack({ body: { reason: "slower" } });
    for (const body of [{}, { reason: "slower", to: `${prompt}@2` }, { reason: "slower", waitForFleetMs: 1 }])
      expect(await rollBack({ body })).toMatchObject({
        status: 422,
        body: { error: { code: "key_reused" } },
      });
    expect(await rollbacks()).toBe(1);
  });

  it("may come again under the same key after a refusal, which has done nothing", async () => {
    const wrong = { to: `${prompt}@3` };
    const releaser = await bench.key({ role: "releaser" });
    expect((await rollBack({ key: releaser, body: wrong })).status).toBe(404);
    await bench.store.addVersion(prompt, artifact("text 3"));
    const again = await rollBack({ key: releaser, body: wrong });
    expect(again).toMatchObject({ status: 200, body: { serves: `${prompt}@3` } });
    expect(again.headers.get("idempotency-replayed")).toBeNull();
  });

  it("is not somebody else's of the same name", async () => {
    await rollBack();
    const called = await rollBack({ key: await bench.key({ role: "editor" }) });
    expect(called).toMatchObject({ status: 200, body: { changed: false } });
    expect(called.headers.get("idempotency-replayed")).toBeNull();
  });

  it("says each time that it was asked for nothing new, and without one does it each time", async () => {
    const plain = () =>
      call(bench.server.url, "POST /v1/rollbacks", { key, body: { prompt, reason: "worse" } });
    expect((await plain()).body).toMatchObject({ changed: true, revision: 3 });
    expect((await plain()).body).toMatchObject({ changed: false, revision: 4 });
  });

  it.each(["", "two words", "ü", "x".repeat(201)])("is refused with the key %j", async (bad) => {
    expect((await rollBack({ name: bad })).status).toBe(400);
    expect(await rollbacks()).toBe(0);
  });
});
