import { LangfuseClient } from "@langfuse/client";
import { Langfuse } from "langfuse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Grants } from "../../../src/domain/access/grants.ts";
import { artifact } from "../../resolver/support/artifacts.ts";
import { call } from "../support/checked-call.ts";
import { openServer, type ServerBench } from "../support/server-bench.ts";

let bench: ServerBench;
let secretKey: string;
let publicKey: string;

const CHAT = {
  ...artifact("unused"),
  params: { temperature: 0.2 },
  variables: { product: { type: "string", required: true }, question: { type: "string", required: true } },
  messages: [
    { role: "system", content: "You help with {{ product }}." },
    { placeholder: "history" },
    { role: "user", content: "{{question}}" },
  ],
  examples: [{ input: "It broke.", output: "Sorry!" }],
};
const SCOPE = { label: "production", prompt: "team/help" };

beforeAll(async () => {
  bench = await openServer();
  secretKey = await bench.key({ role: "resolver" });
  publicKey = secretKey.slice(0, secretKey.indexOf("_", 4));
  const one = await bench.store.addVersion("team/help", CHAT as never);
  await bench.store.addVersion("team/help", { ...CHAT, params: {} } as never);
  await bench.store.movePointer(SCOPE, { active_version: one });
});
afterAll(() => bench.close());

const client = (more: { secretKey?: string } = {}) =>
  new LangfuseClient({ publicKey, secretKey, baseUrl: bench.server.url, ...more });
const older = () => new Langfuse({ publicKey, secretKey, baseUrl: bench.server.url });
const get = (path: string, key = secretKey) => call(bench.server.url, `GET ${path}`, { key });
const add = async (name: string, more: object) => {
  const id = await bench.store.addVersion(name, { ...artifact("Hello"), ...more });
  await bench.store.movePointer({ label: "production", prompt: name }, { active_version: id });
};

describe("a Langfuse client, by its base URL and keys alone", () => {
  it("gets what is live, and compiles it as Sluice renders it", async () => {
    const prompt = await client().prompt.get("team/help", { type: "chat" });
    expect(prompt).toMatchObject({
      name: "team/help",
      version: 1,
      labels: ["production"],
      config: { model: "gpt-5.4-mini", temperature: 0.2 },
    });
    const values = { product: "Kettle", question: "Why {{ product }}?" };
    const history = [{ role: "user", content: "Hi" }];
    const rendered = await call(bench.server.url, "POST /v1/resolve", {
      key: secretKey,
      body: { prompt: "team/help", variables: values, history },
    });
    expect(prompt.compile(values, { history })).toEqual(rendered.body.messages);
  });

  it("gets the same with the client of before", async () => {
    const prompt = await older().getPrompt("team/help", undefined, { type: "chat", label: "production" });
    expect(prompt.version).toBe(1);
    expect(prompt.compile({ product: "Kettle", question: "Why?" }, { history: [] })).toEqual([
      { role: "system", content: "You help with Kettle." },
      { role: "user", content: "It broke." },
      { role: "assistant", content: "Sorry!" },
      { role: "user", content: "Why?" },
    ]);
  });

  it("gets the newest version, or one by its number", async () => {
    const newest = await client().prompt.get("team/help", { type: "chat", label: "latest" });
    expect(newest).toMatchObject({ version: 2, labels: ["latest"], config: { model: "gpt-5.4-mini" } });
    expect(await client().prompt.get("team/help", { type: "chat", version: 1 })).toMatchObject({
      version: 1,
    });
  });

  it("gets a text as a text, byte for byte, and its config as its author wrote it", async () => {
    const text = 'Answer {{question}} as {{"a":1}}, {{user-name}}.\n';
    const config = { model: "gpt-5.4-mini", top_k: 3, nested: { list: [1, null] } };
    await add("plain/text", {
      syntax: "langfuse",
      format: "text",
      variables: { question: { type: "string", default: "" } },
      messages: [{ role: "user", content: text }],
      config,
    });
    const prompt = await client().prompt.get("plain/text");
    expect(prompt).toMatchObject({ type: "text", prompt: text, config });
    expect(prompt.config).toEqual(config);
    expect((await older().getPrompt("plain/text")).prompt).toBe(text);
    const key = await bench.key({ role: "viewer" });
    expect((await get("/api/public/v2/prompts?name=plain%2Ftext", key)).body.data).toMatchObject([
      { type: "text", lastConfig: config },
    ]);
  });

  it("is told what is not there, and that its key is not good, in Langfuse's words", async () => {
    expect(await get("/api/public/v2/prompts/nothing")).toMatchObject({
      status: 404,
      body: { error: "LangfuseNotFoundError", message: expect.stringContaining("nothing is served as") },
    });
    expect(await get("/api/public/v2/prompts/team/help?label=staging")).toMatchObject({ status: 404 });
    const wrong = `${secretKey.slice(0, -1)}${secretKey.endsWith("A") ? "B" : "A"}`;
    expect(await get("/api/public/v2/prompts/team%2Fhelp", wrong)).toMatchObject({
      status: 401,
      body: { error: "UnauthorizedError" },
    });
    expect(await get("/api/public/v2/prompts/team%2Fhelp?label=production&version=1")).toMatchObject({
      status: 400,
      body: { error: "InvalidRequestError" },
    });
    expect(await get("/api/public/ingestion")).toMatchObject({ status: 404 });
  });

  it("lists prompts, page by page, with what labels serve", async () => {
    await add("also/here", {});
    const key = await bench.key({ role: "viewer" });
    const { body } = await get("/api/public/v2/prompts?limit=1&page=2", key);
    expect(body).toMatchObject({
      data: [{ name: "plain/text", type: "text", versions: [1], labels: ["production", "latest"] }],
      meta: { page: 2, limit: 1, totalItems: 3, totalPages: 3 },
    });
    expect((await get("/api/public/v2/prompts?page=9", key)).body).toMatchObject({
      data: [],
      meta: { totalItems: 3 },
    });
    expect(
      (await get("/api/public/v2/prompts?label=production&name=team%2Fhelp", key)).body.data,
    ).toHaveLength(1);
    const other = await bench.key({ role: "viewer", grants: { prompts: ["also/"] } });
    expect((await get("/api/public/v2/prompts", other)).body.meta).toMatchObject({ totalItems: 1 });
  });

  it("finds that the server is there, and its keys good", async () => {
    expect((await get("/api/public/health")).body).toMatchObject({ status: "OK" });
    expect((await get("/api/public/projects")).body.data).toHaveLength(1);
  });
});

describe("a canary, to a Langfuse client that asks by the cells of its users", () => {
  const CANARY = { label: "production", prompt: "cells/help" };
  const cells = Array.from({ length: 256 }, (_, cell) => cell.toString(16).padStart(2, "0"));
  let rollout: string;
  beforeAll(async () => {
    const [one, two] = [
      await bench.store.addVersion("cells/help", artifact("One")),
      await bench.store.addVersion("cells/help", artifact("Two")),
    ];
    rollout = await bench.store.addRollout("cells/help", two, one);
    const lease_until = new Date(Date.now() + 600_000);
    const canary = { candidate_version: two, mode: "canary", share: 2_500, salt: "salt", epoch: 1 } as const;
    await bench.store.movePointer(CANARY, {
      active_version: one,
      rollout_id: rollout,
      lease_until,
      ...canary,
    });
  });

  it("is served to as many cells as its control, each always in its arm, which the name says", async () => {
    const langfuse = client();
    const ask = (label: string) => langfuse.prompt.get("cells/help", { type: "chat", label });
    const seen = new Map<string, number>();
    for (const cell of cells) {
      const { name, version } = await ask(`production~~${cell}`);
      const [, carried] = name.split("~");
      const arm = new RegExp(`^${rollout.slice(0, 8)}\\.([ckn])\\.1$`).exec(carried!)?.[1];
      expect(version).toBe(arm === "c" ? 2 : 1);
      seen.set(arm!, (seen.get(arm!) ?? 0) + 1);
    }
    expect(Object.fromEntries(seen)).toEqual({ c: 64, k: 64, n: 128 });
    expect(await ask("production")).toMatchObject({ name: "cells/help", version: 1 });
    expect(await ask("latest~~00")).toMatchObject({ name: "cells/help", version: 2 });
  });

  it("gives a unit that is named the arm that it has everywhere", async () => {
    for (let i = 0; i < 20; i++) {
      const native = await call(bench.server.url, `GET /v1/prompts/cells%2Fhelp?unit=user-${i}`, {
        key: secretKey,
      });
      const { body } = await get(`/api/public/v2/prompts/cells%2Fhelp?label=production~user-${i}`);
      expect(body.version).toBe(native.body.version);
    }
  });

  it("takes a name as it was given wherever one is taken, and no cell that is none", async () => {
    const name = encodeURIComponent(`cells/help~${rollout.slice(0, 8)}.c.1`);
    expect((await get(`/api/public/v2/prompts/${name}?version=2`)).body).toMatchObject({
      name: "cells/help",
    });
    const viewer = await bench.key({ role: "viewer" });
    expect((await get(`/api/public/v2/prompts?name=${name}`, viewer)).body.data).toHaveLength(1);
    expect(await get("/api/public/v2/prompts/cells%2Fhelp?label=production~~0x")).toMatchObject({
      status: 400,
      body: { error: "InvalidRequestError", message: expect.stringContaining("LABEL~~CELL") },
    });
  });

  it("is the tenant's where the key says whose prompts it reads", async () => {
    const own = await bench.store.addVersion("cells/help", artifact("Three"));
    await bench.store.movePointer({ ...CANARY, tenant: "acme" }, { active_version: own });
    const ask = async (grants: Grants) =>
      get("/api/public/v2/prompts/cells%2Fhelp", await bench.key({ grants }));
    expect((await ask({ langfuse: { tenant: "acme" } })).body).toMatchObject({ version: 3 });
    expect((await ask({ tenants: ["acme"], langfuse: { tenant: "acme" } })).body).toMatchObject({
      version: 3,
    });
    expect(await ask({ tenants: ["acme"] })).toMatchObject({ status: 403 });
  });
});

describe("a version that a Langfuse client could not be served as it is meant", () => {
  const content = (text: string) => ({ messages: [{ role: "user", content: text }] });
  const text = { type: "string", required: true };
  it.each<[string, object, RegExp]>([
    [
      "has conditions",
      { syntax: "jinja", variables: { a: text }, ...content("{% if a %}x{% endif %}") },
      /message 1 has more than \{\{ name \}\}/,
    ],
    ["has filters", { syntax: "jinja", variables: { a: text }, ...content("{{ a | upper }}") }, /more than/],
    [
      "looks into a value",
      { syntax: "dollar", variables: { a: { type: "json" } }, ...content("${a.b}") },
      /looks into "a"/,
    ],
    [
      "has braces as a text",
      { syntax: "dollar", variables: {}, ...content("write {{name}}") },
      /"\{\{" as a text/,
    ],
    [
      "keeps a value apart",
      { variables: { a: { ...text, untrusted: true } }, ...content("{{ a }}") },
      /"a" is untrusted/,
    ],
    [
      "has parts",
      { messages: [{ role: "user", content: [{ type: "image", url: "https://example.com/a.png" }] }] },
      /message 1 has parts/,
    ],
  ])("is refused where it %s, with what to do instead", async (kind, more, problem) => {
    const name = `refused/${kind.replaceAll(" ", "-")}`;
    await add(name, more);
    const { status, body } = await get(`/api/public/v2/prompts/${encodeURIComponent(name)}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: "InvalidRequestError", message: expect.stringMatching(problem) });
    expect(body.message).toContain("POST /v1/resolve");
  });

  it.each(["mustache", "langfuse"])(
    "is served with delimiters in %s, where its key says so",
    async (syntax) => {
      const name = `delimited/${syntax}`;
      await add(name, {
        syntax,
        variables: { a: { ...text, untrusted: true } },
        ...content("Answer {{ a }} now"),
      });
      const key = await bench.key({ grants: { langfuse: { untrusted: "delimit" } } });
      const { body } = await get(`/api/public/v2/prompts/${encodeURIComponent(name)}`, key);
      expect(body.prompt).toEqual([
        { role: "user", content: 'Answer <untrusted name="a">{{a}}</untrusted> now' },
      ]);
    },
  );

  it("is taken no more once these clients get the prompt: neither pushed nor rolled out", async () => {
    await add("read/here", { ...content("Hello") });
    const unsafe = { syntax: "jinja", variables: { a: text }, ...content("{% if a %}x{% endif %}") };
    const key = await bench.key({ role: "admin" });
    const push = (file: object) =>
      call(bench.server.url, "POST /v1/prompts/read%2Fhere/versions", {
        key,
        body: { file: { name: "read/here", model: "openai/gpt-5.4-mini", ...file } },
      });
    const before = await push(unsafe);
    expect(before.status).toBe(201);
    await client().prompt.get("read/here", { type: "chat", label: "production" });
    const read = "select count(*)::int as n from sluice.langfuse_reads where prompt = 'read/here'";
    await expect.poll(() => bench.store.query(read)).toEqual([{ n: 1 }]);
    const refused = { status: 400, body: { error: { details: { finding: "langfuse_unsafe" } } } };
    expect(await push({ ...unsafe, ...content("{% if a %}y{% endif %}") })).toMatchObject(refused);
    expect(await push({ ...content("Good day") })).toMatchObject({ status: 201 });
    expect(await push(unsafe)).toMatchObject({ status: 200 });
    const start = {
      prompt: "read/here",
      version: before.body.version,
      policy: { gate: { dataset: "golden" } },
    };
    const dataset = [{ vars: { a: "b" }, assert: [{ type: "contains", value: "x" }] }];
    expect(
      await call(bench.server.url, "POST /v1/rollouts", { key, body: { ...start, dataset } }),
    ).toMatchObject(refused);
  });

  it("is served where it says the same in another syntax", async () => {
    await add("dollar/help", { syntax: "dollar", variables: { name: text }, ...content("Dear ${name}!") });
    const prompt = await client().prompt.get("dollar/help", { type: "chat" });
    expect(prompt.compile({ name: "Ann" })).toEqual([{ role: "user", content: "Dear Ann!" }]);
  });
});
