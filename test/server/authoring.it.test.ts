import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readAudit } from "../../src/storage/read/audit.ts";
import { loadPromptFile } from "../../src/templates/load-prompt-file.ts";
import { digestJson } from "../../src/digest.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let editor: string;
let viewer: string;
let prompt: string;
let versions: string;

beforeAll(async () => {
  bench = await openServer({ limits: { write: 1_000, read: 1_000 } });
  editor = await bench.key({ role: "editor", owner: "bea" });
  viewer = await bench.key({ role: "viewer" });
});
afterAll(() => bench.close());
beforeEach(() => {
  prompt = `support/${randomUUID().slice(0, 8)}`;
  versions = `/v1/prompts/${encodeURIComponent(prompt)}/versions`;
});

// Put together here, so that no scanner takes this file for a leak.
const TOKEN = ["ghp", "_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");

const file = (text: string, more: object = {}) => ({
  model: "openai/gpt-5.4-mini",
  messages: [{ role: "user", content: text }],
  ...more,
});
const push = (text: string, more: object = {}) =>
  call(bench.server.url, `POST ${versions}`, { key: editor, body: { file: file(text), ...more } });
const get = (path: string, key = viewer) => call(bench.server.url, `GET ${path}`, { key });
const pushYaml = (text: string, query = "") =>
  call(bench.server.url, `POST ${versions}${query}`, {
    key: editor,
    body: text,
    headers: { "content-type": "application/yaml" },
  });

describe("a version that is pushed over HTTP", () => {
  it("is created once for its content, under the key's owner, by proof", async () => {
    const first = await push("one", { message: "first" });
    expect(first).toMatchObject({
      status: 201,
      body: { prompt, version: 1, created: true, semver: "1.0.0", findings: [] },
    });
    expect(first.body.version_id).toBe(first.body.versionId);
    expect(await push("one")).toMatchObject({
      status: 200,
      body: { version: 1, created: false, versionId: first.body.versionId },
    });
    expect(await readAudit(bench.db, { prompt })).toMatchObject([
      { action: "version_pushed", asserted: "bea", reason: "first", principal: { kind: "key", name: "bea" } },
    ]);
  });

  it("is numbered without gaps, however many are pushed at once", async () => {
    const pushed = await Promise.all(Array.from({ length: 20 }, (_, n) => push(`text ${n % 10}`)));
    expect(new Set(pushed.map(({ body }) => body.version))).toEqual(
      new Set(Array.from({ length: 10 }, (_, n) => n + 1)),
    );
    expect(pushed.filter(({ status }) => status === 201)).toHaveLength(10);
  });

  it("comes in YAML as it stands in a file, with every include and no policy of a file", async () => {
    const text = `name: ${prompt}\nmodel: openai/gpt-5.4-mini\nmessages:\n  - { role: user, content: "hi {{ name }}" }\nvariables: { name: { type: string } }\n`;
    expect(await pushYaml(text, "?message=from+a+file")).toMatchObject({ status: 201, body: { version: 1 } });
    expect((await get(`${versions}/1`)).body).toMatchObject({
      message: "from a file",
      artifact: { variables: { name: { type: "string" } } },
    });
    expect((await pushYaml(`${text}policy: other.yaml\n`)).body.error.message).toMatch(
      /no file is read here/,
    );
  });

  it("includes no prompt that its key may not see, and none is read by including it", async () => {
    await push("Secret sauce");
    const narrow = await bench.key({ role: "editor", grants: { prompts: ["shop/"] } });
    for (const part of [`${prompt}@1`, "no-such-prompt@1"]) {
      const including = { ...file("x"), messages: [{ include: part }, { role: "user", content: "x" }] };
      const [name] = part.split("@");
      const post = (path: string, body: object) =>
        call(bench.server.url, `POST ${path}`, { key: narrow, body: { file: including, ...body } });
      const pushed = await post("/v1/prompts/shop%2Fone/versions", {});
      expect(pushed).toMatchObject({
        status: 404,
        body: {
          error: { message: expect.stringContaining(`there is no prompt "${name}" that this key may see`) },
        },
      });
      const checked = await post("/v1/check", { prompt: "shop/one", label: "production" });
      expect(checked.body.problems).toEqual([expect.stringContaining("that this key may see")]);
      expect(JSON.stringify([pushed, checked])).not.toContain("sauce");
    }
  });

  it("is refused where somebody else has pushed since its base, and says what they changed", async () => {
    await push("one");
    await push("two", { base: 1 });
    expect(await push("three", { base: 1 })).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", details: { base: 1, newest: 2, changed: ["messages[0]"] } } },
    });
    expect((await push("three", { base: 2 })).status).toBe(201);
    expect(await push("four", { base: 9 })).toMatchObject({ status: 404 });
  });

  it.each([
    [{ file: { messages: [] } }, /body\.file:\d+:\d+/],
    [{ file: { ...file("x"), name: "another" } }, /the address names/],
    [{ file: file("{{ nobody }}") }, /nobody/],
    [{ file: file(`the key is ${TOKEN}`) }, /looks like a secret/],
    [{ file: file("half of a pair: \ud800") }, /body\.file/],
    [{ file: file("x", { policy: "policy.yaml" }) }, /no file is read here/],
    [{ file: file("x"), policy: {} }, /policy/],
    [{ file: file("x"), dataset: [] }, /give the policy too/],
    [{ file: file("x"), policy: { gate: { dataset: "d.yaml" } } }, /no file is read here/],
    [
      { file: file("x"), policy: { gate: { dataset: "d" } }, dataset: [{ vars: "file://v.yaml" }] },
      /dataset/,
    ],
    [
      {
        file: file("x"),
        policy: { gate: { dataset: "d" }, notify: [{ webhook: "env:DATABASE_URL" }] },
        dataset: [{ vars: {}, assert: [{ type: "contains", value: "x" }] }],
      },
      /only taken from the command line/,
    ],
    [{ file: file("x"), base: 0 }, /body\.base/],
    [{}, /body\.file/],
  ])("that is %j is refused whole, with its place", async (body, message) => {
    const called = await call(bench.server.url, `POST ${versions}`, { key: editor, body });
    expect(called).toMatchObject({ status: 400, body: { error: { code: "invalid_input" } } });
    expect(called.body.detail).toMatch(message);
    expect((await get(versions)).status).toBe(404);
  });

  it("brings the policy that rollouts of the prompt follow, with its cases, from a key for all of it", async () => {
    const policy = { gate: { dataset: "golden" } };
    const dataset = [{ vars: {}, assert: [{ type: "contains", value: "hi" }] }];
    expect((await push("hi", { policy, dataset: { tests: dataset } })).status).toBe(201);
    expect((await push("hi", { policy, dataset })).status).toBe(200);
    const [row] = await bench.store.query(
      "select d.body from sluice.prompts p join sluice.documents d on d.sha256 = p.policy_sha256 where p.name = $1",
      [prompt],
    );
    expect(row.body).toMatchObject({ gate: { dataset: "golden", dataset_sha256: expect.any(String) } });
    for (const grants of [{ labels: ["staging"] }, { tenants: ["acme"] }]) {
      const key = await bench.key({ role: "editor", grants });
      const called = await call(bench.server.url, `POST ${versions}`, {
        key,
        body: { file: file("ho"), policy, dataset },
      });
      expect(called).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
    }
    expect((await get(versions)).body.items).toHaveLength(1);
  });
});

describe("a prompt file that is checked before it is pushed", () => {
  const check = (of: object, key = editor) =>
    call(bench.server.url, "POST /v1/check", { key, body: { prompt, label: "staging", file: of } });

  it("is told what pushing it would be, and what it costs beside what is live, and nothing is kept", async () => {
    expect((await check(file("hi there"))).body).toMatchObject({
      problems: [],
      findings: [],
      cost: { tokens: 2, tokensExact: true, perThousandCalls: expect.any(Number) },
      live: null,
    });
    expect((await get(`/v1/prompts?q=${prompt}`)).body.items).toEqual([]);
    const { versionId } = (await push("hi", { message: "one" })).body;
    await bench.store.movePointer({ label: "staging", prompt }, { active_version: versionId });
    const longer = (await check(file("hi there, how are you today?"))).body;
    expect(longer).toMatchObject({ problems: [], live: { version: `${prompt}@1`, tokens: 1 } });
    expect(longer.cost.perThousandCalls / longer.live.perThousandCalls).toBeCloseTo(longer.cost.tokens);
    expect(longer.findings).toMatchObject([{ code: "token_growth" }]);
    const wrong = (await check(file("{{ nobody }}"))).body;
    expect(wrong).toMatchObject({ cost: null, problems: [expect.stringContaining("nobody")] });
    const leak = (await check(file(TOKEN))).body;
    expect(leak.problems).toEqual([expect.stringContaining("looks like a secret")]);
    expect(JSON.stringify(leak)).not.toContain(TOKEN);
    expect((await get(versions)).body.items).toHaveLength(1);
    expect((await check(file("hi"), viewer)).status).toBe(403);
  });
});

describe("the versions of a prompt", () => {
  it("come newest first, page by page, each once", async () => {
    for (let n = 1; n <= 5; n++) await push(`text ${n}`);
    const seen: number[] = [];
    for (let cursor = ""; ;) {
      const { body } = await get(`${versions}?limit=2${cursor}`);
      seen.push(...body.items.map(({ version }: { version: number }) => version));
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  it("are narrowed down by status and author before a page is counted", async () => {
    const cid = await bench.key({ role: "editor", owner: "cid" });
    for (let n = 1; n <= 6; n++)
      await call(bench.server.url, `POST ${versions}`, {
        key: n % 2 === 0 ? cid : editor,
        body: { file: file(`text ${n}`) },
      });
    const idOf = async (n: number) => (await get(`${versions}/${n}`)).body.versionId as string;
    await bench.store.movePointer({ label: "staging", prompt }, { active_version: await idOf(2) });
    await bench.store.addRollout(prompt, await idOf(4), await idOf(2));
    // Live is said before all else.
    await bench.store.query("update sluice.rollouts set tenant = id::text where prompt = $1", [prompt]);
    await bench.store.addRollout(prompt, await idOf(2), await idOf(2));
    const over = await bench.store.addRollout(prompt, await idOf(1), await idOf(2));
    await bench.store.query(
      "update sluice.rollouts set outcome = 'rejected', ended_at = now() where id = $1",
      [over],
    );
    const numbers = async (query: string) =>
      (await get(`${versions}?${query}`)).body.items.map(({ version }: { version: number }) => version);
    expect(await numbers("author=cid&limit=2")).toEqual([6, 4]);
    expect(await numbers("author=cid&limit=2&cursor=4")).toEqual([2]);
    for (const [status, found] of Object.entries({
      live: [2],
      testing: [4],
      retired: [1],
      draft: [6, 5, 3],
    })) {
      expect(await numbers(`status=${status}&limit=9`)).toEqual(found);
      const { items } = (await get(versions)).body;
      const same = items.filter((one: { status: string }) => one.status === status);
      expect(same.map(({ version }: { version: number }) => version)).toEqual(found);
    }
    expect((await get(`${versions}?status=gone`)).status).toBe(400);
  });

  it("are each there whole, and as a file that makes the same version again", async () => {
    await push("text", { message: "why" });
    expect((await get(`${versions}/1`)).body).toMatchObject({
      prompt,
      version: 1,
      message: "why",
      author: "bea",
      status: "draft",
      live: [],
      artifact: { messages: [{ role: "user", content: "text" }] },
    });
    const asFile = await get(`${versions}/1?as=file`);
    expect(asFile.headers.get("content-type")).toMatch(/^application\/yaml/);
    expect(asFile.headers.get("cache-control")).toMatch(/immutable/);
    const { sha256 } = (await get(`${versions}/1`)).body;
    expect(digestJson(loadPromptFile(asFile.body, "version").artifact)).toBe(sha256);
    expect(await pushYaml(asFile.body)).toMatchObject({ status: 200, body: { created: false } });
  });

  it("that are not there are not found, without the name of any other", async () => {
    await push("text");
    expect((await get(`${versions}/2`)).status).toBe(404);
    const near = await get(`${versions.replace("/versions", "x/versions")}`);
    expect(near.status).toBe(404);
    expect(JSON.stringify(near.body).replaceAll(`${prompt}x`, "")).not.toContain(prompt);
    for (const wrong of ["0", "x", "99999999999"])
      expect((await get(`${versions}/${wrong}`)).status).toBe(400);
  });
});

describe("the list of prompts", () => {
  it("comes by name, page by page, with only what was asked for and what the key may know", async () => {
    const folder = `list-${randomUUID().slice(0, 8)}/`;
    const names = ["a", "a-b", "a/b", "b", "c"].map((name) => folder + name);
    for (const [at, name] of names.entries())
      await call(bench.server.url, `POST /v1/prompts/${encodeURIComponent(name)}/versions`, {
        key: editor,
        body: { file: file("hi", { tags: at % 2 === 0 ? ["even"] : [] }) },
      });
    const list = async (query: string, key = viewer) => {
      const seen: string[] = [];
      for (let cursor = ""; ;) {
        const { body } = await get(`/v1/prompts?prefix=${folder}&limit=2${query}${cursor}`, key);
        seen.push(...body.items.map(({ prompt: name }: { prompt: string }) => name));
        if (body.next === null) return seen;
        cursor = `&cursor=${encodeURIComponent(body.next)}`;
      }
    };
    expect(await list("")).toEqual(names);
    expect(await list("&tag=even")).toEqual([names[0], names[2], names[4]]);
    expect(await list("&q=EVEN")).toEqual([names[0], names[2], names[4]]);
    expect(await list("&q=a-B")).toEqual([names[1]]);
    expect(await list("&label=production")).toEqual([]);
    const some = await bench.key({ role: "viewer", grants: { prompts: [`${folder}a/`, names[3]!] } });
    expect(await list("", some)).toEqual([names[2], names[3]]);
  });
});

describe("a name that an address could not tell from what stands behind names", () => {
  it.each(["versions", "a/versions/3", "labels/a", "a/labels"])("%s is none", async (name) => {
    const called = await call(bench.server.url, "POST /v1/resolve", { key: editor, body: { prompt: name } });
    expect(called.status).toBe(400);
  });
});
