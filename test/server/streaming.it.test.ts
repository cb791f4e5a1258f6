import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withdrawKey } from "../../src/use-cases/withdraw-key.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
beforeAll(async () => {
  bench = await openServer({ limits: { read: 1_000 } });
});
afterAll(() => bench.close());

/** A stream as a client reads it: what came so far, and whether it has ended. */
async function follow(path: string, key: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const response = await fetch(`${bench.server.url}${path}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
    signal: stop.signal,
  });
  const seen = { status: response.status, text: "", ended: false, stop: () => stop.abort() };
  void (async () => {
    const decoder = new TextDecoder();
    for await (const part of response.body!) seen.text += decoder.decode(part, { stream: true });
    seen.ended = true;
  })().catch(() => undefined);
  return seen;
}
const events = (text: string) =>
  [...text.matchAll(/^event: (\w+)\n(?:id: (\w+)\n)?data: (.*)$/gm)].map(([, event, id, data]) => ({
    event,
    id,
    data: JSON.parse(data!),
  }));

async function addRollout(): Promise<string> {
  const prompt = `p-${randomUUID().slice(0, 8)}`;
  const [one, two] = [
    await bench.store.addVersion(prompt, artifact("one")),
    await bench.store.addVersion(prompt, artifact("two")),
  ];
  return bench.store.addRollout(prompt, two, one);
}
const set = (id: string, change: object) =>
  bench.db.updateTable("rollouts").set(change).where("id", "=", id).execute();

describe("a rollout that is watched", () => {
  it("says where it is at once, each change once, and how it ended", async () => {
    const id = await addRollout();
    const key = await bench.key({ role: "viewer" });
    const [seen, told] = [
      await follow(`/v1/rollouts/${id}/events`, key),
      await follow(`/v1/rollouts/${id}/events?data=none`, key),
    ];
    await eventually("the present state", () => events(seen.text).length === 1);
    await set(id, { paused: true });
    await eventually("the change", () => events(seen.text).length === 2);
    const end = { outcome: "promoted", reason: "better", phase: "done", ended_at: new Date(), paused: false };
    await set(id, end);
    await eventually("the end", () => seen.ended);
    expect(events(seen.text)).toMatchObject([
      { event: "status", data: { rolloutId: id, phase: "canary", paused: false, outcome: null } },
      { event: "status", data: { paused: true } },
      { event: "status", data: { phase: "done", outcome: "promoted" } },
      { event: "end", data: { rolloutId: id, outcome: "promoted", reason: "better" } },
    ]);
    await eventually("the end of what has no data", () => told.ended);
    // The same at the same moments; only the end says what it is.
    expect(events(told.text)).toEqual(
      events(seen.text).map((one) => (one.event === "status" ? { ...one, data: {} } : one)),
    );
  });

  it("says again nothing that the reader has seen, but that it has ended", async () => {
    const id = await addRollout();
    await set(id, { outcome: "aborted", reason: "no", phase: "done", ended_at: new Date() });
    const key = await bench.key({ role: "viewer" });
    const first = await follow(`/v1/rollouts/${id}/events`, key);
    await eventually("its end", () => first.ended);
    const [status] = events(first.text);
    const again = await follow(`/v1/rollouts/${id}/events`, key, { "last-event-id": status!.id! });
    await eventually("its end again", () => again.ended);
    expect(events(again.text).map(({ event }) => event)).toEqual(["end"]);
  });
});

describe("the stream of changes", () => {
  it("tells of every rollout in which something happens, by its id, and of none that the key may not see", async () => {
    const id = await addRollout();
    const other = await bench.key({ role: "viewer", grants: { prompts: ["elsewhere/"] } });
    const [seen, unseen] = [
      await follow("/v1/changes", await bench.key({ role: "viewer" })),
      await follow("/v1/changes", other),
    ];
    const rollout = { event: "rollout", data: { rolloutId: id } };
    await eventually("what is open", () => events(seen.text).some(({ data }) => data.rolloutId === id));
    const before = events(seen.text).length;
    await set(id, { paused: true });
    await eventually("what happened", () => events(seen.text).length > before);
    expect(events(seen.text).slice(before)).toEqual([rollout]);
    expect(events(unseen.text)).toEqual([]);
    for (const one of [seen, unseen]) one.stop();
  });
});

describe("an open stream", () => {
  it.each(["/v1/stream", "rollout"])("ends soon after its key was revoked: %s", async (which) => {
    const path = which === "rollout" ? `/v1/rollouts/${await addRollout()}/events` : which;
    const [key, other] = [await bench.key({ role: "admin" }), await bench.key({ role: "admin" })];
    const [seen, stays] = [await follow(path, key), await follow(path, other)];
    await eventually("both are open", () => seen.text !== "" && stays.text !== "");
    await withdrawKey(bench.db, key);
    await eventually("it ends", () => seen.ended, 6_000);
    expect(stays.ended).toBe(false);
    stays.stop();
  });

  it("ends when its key expires", async () => {
    const key = await bench.key({ role: "admin", expiresInMs: 1_500 });
    const seen = await follow("/v1/stream", key);
    await eventually("it is open", () => seen.text !== "");
    await eventually("it ends", () => seen.ended, 6_000);
    expect(seen.text).not.toContain("event:");
  });

  it("of a reader that does not read is dropped, and the others go on", async () => {
    const key = await bench.key({ role: "resolver" });
    const { hostname, port } = new URL(bench.server.url);
    const stalled = connect(Number(port), hostname);
    stalled.write(`GET /v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n\r\n`);
    await new Promise((resolve) => stalled.once("data", resolve));
    stalled.pause();
    let isClosed = false;
    stalled.once("close", () => (isClosed = true)).on("error", () => undefined);
    const reads = await follow("/v1/stream", key);
    await eventually("it is open", () => reads.text !== "");
    let [told, from] = [0, 0];
    const hasHeard = (all: number) => {
      for (let at; (at = reads.text.indexOf("event: pointer", from)) !== -1; from = at + 1) told++;
      return told >= all;
    };
    // Each is told to every stream: in all far more than a socket's buffers and what may lag behind, and at a time less
    // than that, so that whoever reads keeps up however busy the machine is.
    const model = "m".repeat(500);
    for (let n = 1; n <= 100; n++) {
      await bench.store.query(
        `select pg_notify('sluice_pointers', json_build_object('label', 'production', 'prompt', 'p', 'model', $1::text,
           'tenant', repeat('t', 500) || g, 'revision', g)::text) from generate_series(1, 200) g`,
        [model],
      );
      await eventually("all has been told", () => hasHeard(200 * n), 30_000);
    }
    // A paused socket says that it was closed when it is read on.
    stalled.resume();
    await eventually("it was dropped", () => isClosed, 5_000);
    expect(reads.ended).toBe(false);
    reads.stop();
  });
});
