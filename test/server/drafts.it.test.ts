import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clearOldDrafts } from "../../src/use-cases/clear-old-drafts.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let bea: string;
let carl: string;
beforeAll(async () => {
  bench = await openServer({ limits: { write: 1_000, read: 1_000 } });
  bea = await bench.key({ role: "editor", owner: "bea" });
  carl = await bench.key({ role: "editor", owner: "carl" });
});
afterAll(() => bench.close());

const ask = (request: string, key: string, body?: unknown, headers: Record<string, string> = {}) =>
  call(bench.server.url, request, { key, body, headers });
const FILE = { model: "openai/gpt-5.4-mini", variables: { zoo: {}, ape: {} }, messages: [] };
const saying = (text: string) => ({ ...FILE, messages: [{ role: "user", content: text }] });
async function open(more: object = {}, key = bea) {
  const prompt = `p-${randomUUID().slice(0, 8)}`;
  const { status, body } = await ask("POST /v1/drafts", key, { prompt, file: FILE, ...more });
  expect(status).toBe(201);
  return body;
}
const save = (id: string, revision: number, body: object, key = bea) =>
  ask(`PATCH /v1/drafts/${id}`, key, body, { "if-match": `"${revision}"` });

describe("a draft", () => {
  it("is of a prompt that need not exist, keeps what is not right yet in the order in which it was written, and is opened once", async () => {
    const prompt = `new/${randomUUID().slice(0, 8)}`;
    const body = { prompt, file: saying("{{ half\u0000 \ud800"), values: { zoo: 1 } };
    const once = { "idempotency-key": randomUUID() };
    const { draftId } = (await ask("POST /v1/drafts", bea, body, once)).body;
    expect((await ask("POST /v1/drafts", bea, body, once)).body.draftId).toBe(draftId);
    const found = await ask(`GET /v1/drafts/${draftId}`, bea);
    expect(found).toMatchObject({
      status: 200,
      body: {
        prompt,
        base: null,
        owner: "bea",
        mine: true,
        revision: 1,
        file: body.file,
        values: { zoo: 1 },
      },
    });
    expect(found.headers.get("etag")).toBe('"1"');
    expect(Object.keys(found.body.file.variables)).toEqual(["zoo", "ape"]);
    expect(found.body.can).toEqual({ save: { allowed: true }, discard: { allowed: true } });
    const days = (Date.parse(found.body.keptUntil) - Date.parse(found.body.updatedAt)) / 86_400_000;
    expect(days).toBe(90);
  });

  it("is saved on the revision that was read: from elsewhere meanwhile is a conflict, the same again is none", async () => {
    const { draftId } = await open();
    expect((await save(draftId, 1, { file: saying("two") })).body).toMatchObject({ revision: 2 });
    // An answer that was lost: what was sent is there already.
    expect(await save(draftId, 1, { file: saying("two") })).toMatchObject({
      status: 200,
      body: { revision: 2 },
    });
    expect(await save(draftId, 1, { file: saying("other") })).toMatchObject({
      status: 412,
      body: { error: { details: { kind: "saved_meanwhile", revision: 2 } } },
    });
    const inBody = { file: saying("other"), expectedRevision: 1 };
    expect((await ask(`PATCH /v1/drafts/${draftId}`, bea, inBody)).status).toBe(409);
    expect((await ask(`PATCH /v1/drafts/${draftId}`, bea, { values: {} })).status).toBe(428);
    // What is left out stays.
    expect((await save(draftId, 2, { values: { ape: "x" } })).body).toMatchObject({
      revision: 3,
      file: saying("two"),
      values: { ape: "x" },
    });
  });

  it("keeps how it was: as it began, one a minute, where it is asked for, and 50 of them at most", async () => {
    const { draftId } = await open();
    const revisions = async () =>
      (await ask(`GET /v1/drafts/${draftId}/revisions`, carl)).body.items.map(
        ({ revision }: { revision: number }) => revision,
      );
    for (let n = 1; n <= 3; n++) await save(draftId, n, { file: saying(`text ${n}`) });
    expect(await revisions()).toEqual([4, 1]);
    await save(draftId, 4, { file: saying("merged"), keepBefore: true });
    await save(draftId, 5, { file: saying("merged and mended") });
    expect(await revisions()).toEqual([6, 4, 1]);
    expect((await ask(`GET /v1/drafts/${draftId}/revisions/4`, bea)).body.file).toEqual(saying("text 3"));
    expect((await ask(`GET /v1/drafts/${draftId}/revisions/2`, bea)).status).toBe(404);
    for (let n = 6; n < 70; n++) await save(draftId, n, { file: saying(`text ${n}`), keepBefore: true });
    expect(await revisions()).toHaveLength(50);
  });

  it("is its owner's, under whichever key: others read it, and change nothing", async () => {
    const { draftId, prompt } = await open();
    const another = await bench.key({ role: "editor", owner: "bea" });
    expect((await save(draftId, 1, { file: saying("from home") }, another)).status).toBe(200);
    expect((await save(draftId, 2, { file: saying("mine") }, carl)).body.error).toMatchObject({
      code: "forbidden",
      message: "this is bea's draft: copy it to one of your own",
    });
    expect((await ask(`DELETE /v1/drafts/${draftId}`, carl)).status).toBe(403);
    const seen = await ask(`GET /v1/drafts/${draftId}`, carl);
    expect(seen.body).toMatchObject({ mine: false, can: { save: { allowed: false, because: "right" } } });
    expect((await ask(`GET /v1/drafts?prompt=${prompt}`, carl)).body.items).toMatchObject([
      { draftId, owner: "bea", mine: false },
    ]);
    expect((await ask(`GET /v1/drafts?prompt=${prompt}&mine=true`, carl)).body.items).toEqual([]);
    expect((await ask(`DELETE /v1/drafts/${draftId}`, bea)).body).toEqual({ draftId, discarded: true });
    expect((await ask(`GET /v1/drafts/${draftId}`, bea)).status).toBe(404);
  });

  it("of a version that is not the newest any more waits for its owner on Home, and for nobody else", async () => {
    const prompt = `p-${randomUUID().slice(0, 8)}`;
    await bench.store.addVersion(prompt, artifact("one"));
    const { draftId } = (await ask("POST /v1/drafts", bea, { prompt, base: 1, file: saying("mine") })).body;
    const wanted = async (key: string) =>
      (await ask("GET /v1/overview", key)).body.wanted.filter(
        (one: { prompt: string }) => one.prompt === prompt,
      );
    expect(await wanted(bea)).toEqual([]);
    await bench.store.addVersion(prompt, artifact("two"));
    expect(await wanted(bea)).toMatchObject([
      { kind: "draft", draftId, text: `Your draft of ${prompt} is from @1; test has saved @2 since.` },
    ]);
    expect(await wanted(carl)).toEqual([]);
  });

  it("is refused of an archived prompt and of a version that there is not", async () => {
    await bench.store.addVersion("put/away", artifact("Hello"));
    await bench.db
      .updateTable("prompts")
      .set({ archived_at: new Date() })
      .where("name", "=", "put/away")
      .execute();
    const of = (more: object) => ask("POST /v1/drafts", bea, { file: FILE, ...more });
    expect((await of({ prompt: "put/away", base: 1 })).body.error.message).toMatch(/is archived/);
    await bench.store.addVersion("kept", artifact("Hello"));
    expect((await of({ prompt: "kept", base: 2 })).status).toBe(404);
  });

  it("that nobody has worked on for 90 days is removed, with how it was", async () => {
    const [old, young] = [await open(), await open()];
    const aged = (days: number, id: string) =>
      bench.store.query(
        "update sluice.drafts set updated_at = now() - make_interval(days => $1) where id = $2",
        [days, id],
      );
    await aged(91, old.draftId);
    await aged(89, young.draftId);
    expect(await clearOldDrafts(bench.db)).toBe(1);
    expect((await ask(`GET /v1/drafts/${old.draftId}`, bea)).status).toBe(404);
    expect((await ask(`GET /v1/drafts/${young.draftId}`, bea)).status).toBe(200);
  });

  it("is told of on the stream, as a new version is, to whoever may know of its prompt", async () => {
    const follow = async (key: string) => {
      const stop = new AbortController();
      const response = await fetch(`${bench.server.url}/v1/changes`, {
        headers: { authorization: `Bearer ${key}` },
        signal: stop.signal,
      });
      const seen = { text: "", stop: () => stop.abort() };
      void (async () => {
        const decoder = new TextDecoder();
        for await (const part of response.body!) seen.text += decoder.decode(part, { stream: true });
      })().catch(() => undefined);
      return seen;
    };
    const all = await follow(carl);
    const few = await follow(await bench.key({ role: "viewer", grants: { prompts: ["other/"] } }));
    const { draftId, prompt } = await open();
    await ask(`POST /v1/prompts/${prompt}/versions`, bea, { file: { ...saying("one"), variables: {} } });
    const other = await open({ prompt: "other/thing" });
    await eventually("what is of all", () => few.text.includes(other.draftId));
    expect(few.text).not.toContain(prompt);
    expect(all.text).toContain(`event: draft\ndata: ${JSON.stringify({ prompt, draftId })}\n\n`);
    expect(all.text).toContain(`event: version\ndata: ${JSON.stringify({ prompt, version: 1 })}\n\n`);
    all.stop();
    few.stop();
  });
});
