import { randomUUID } from "node:crypto";
import { LangfuseClient } from "@langfuse/client";
import { Langfuse } from "langfuse";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findPointer } from "../../../src/storage/read/pointer.ts";
import { listVersions } from "../../../src/storage/read/version-list.ts";
import { artifact } from "../../resolver/support/artifacts.ts";
import { call } from "../support/checked-call.ts";
import { openServer, type ServerBench } from "../support/server-bench.ts";

let bench: ServerBench;
let admin: string;
let name: string;
beforeAll(async () => {
  bench = await openServer({ limits: { write: 10_000, read: 10_000 } });
  admin = await bench.key({ role: "admin", owner: "bea" });
});
afterAll(() => bench.close());
beforeEach(() => {
  name = `team/${randomUUID().slice(0, 8)}`;
});

// Put together here, so that no scanner of this repository takes it for a real one.
const TOKEN = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");
const publicKeyOf = (key: string) => key.slice(0, key.indexOf("_", 4));
const client = (key: string) =>
  new LangfuseClient({ publicKey: publicKeyOf(key), secretKey: key, baseUrl: bench.server.url });
const older = (key: string) =>
  new Langfuse({ publicKey: publicKeyOf(key), secretKey: key, baseUrl: bench.server.url });
const create = (key: string, more: object = {}) =>
  call(bench.server.url, "POST /api/public/v2/prompts", {
    key,
    body: { name, type: "text", prompt: "Hi {{who}}", config: { model: "gpt-5.4-mini" }, ...more },
  });
const label = (key: string, number: number, newLabels: string[]) =>
  call(bench.server.url, `PATCH /api/public/v2/prompts/${encodeURIComponent(name)}/versions/${number}`, {
    key,
    body: { newLabels },
  });
const pointer = (of: string) => findPointer(bench.db, { label: of, prompt: name, model: "", tenant: "" });
const versions = () => listVersions(bench.db, { prompt: name, page: { limit: 10 } });

describe("a prompt that a Langfuse client creates", () => {
  it("is a version with its text and config as they are, and reads back the same", async () => {
    const prompt = 'Answer {{ question }} as {{"json":1}} for {{user-name}}.\n\n';
    const config = { model: "claude-sonnet-4-5", temperature: 0.3, top_k: 5, mine: { deep: [1, null] } };
    const made = await client(admin).prompt.create({
      name,
      prompt,
      config,
      tags: ["a"],
      commitMessage: "first",
    });
    expect(made).toMatchObject({ name, version: 1, type: "text", prompt, config });
    expect((await versions())[0]).toMatchObject({
      author: "bea",
      message: "first",
      model: "anthropic/claude-sonnet-4-5",
      tags: ["a"],
    });
    const read = await client(admin).prompt.get(name, { label: "latest" });
    expect(read.compile({ question: "why" })).toContain("Answer why as");
    const rendered = await call(bench.server.url, "POST /v1/resolve", {
      key: admin,
      body: { prompt: name, version: 1, variables: { question: "why" } },
    });
    expect(rendered.body).toMatchObject({
      messages: [{ role: "user", content: 'Answer why as {{"json":1}} for {{user-name}}.\n\n' }],
    });
    const version = await call(bench.server.url, `GET /v1/prompts/${encodeURIComponent(name)}/versions/1`, {
      key: admin,
    });
    expect(version.body.artifact.params).toEqual({ temperature: 0.3 });
  });

  it("is a chat with a placeholder, by the client of before too, and the same again is the same version", async () => {
    const chat = {
      name,
      type: "chat" as const,
      prompt: [
        { role: "system", content: "You help {{who}}." },
        { type: "placeholder" as const, name: "history" },
        { role: "user", content: "{{question}}" },
      ],
      config: { model: "gpt-5.4-mini" },
      labels: ["staging"],
    };
    expect(await older(admin).createPrompt(chat as never)).toMatchObject({ version: 1 });
    const again = await client(admin).prompt.create(chat as never);
    expect(again).toMatchObject({ version: 1, labels: ["staging", "latest"] });
    const read = await client(admin).prompt.get(name, { type: "chat", label: "staging" });
    expect(
      read.compile({ who: "Ann", question: "Why?" }, { history: [{ role: "user", content: "Hi" }] }),
    ).toEqual([
      { role: "system", content: "You help Ann." },
      { role: "user", content: "Hi" },
      { role: "user", content: "Why?" },
    ]);
  });

  it("takes its model from the version before, where its config names none", async () => {
    await create(admin, { config: { model: "anthropic/claude-sonnet-4-5" } });
    expect((await create(admin, { prompt: "Hello {{who}}", config: null })).body).toMatchObject({
      version: 2,
      config: { model: "claude-sonnet-4-5" },
    });
  });

  it("has the model that its key says, where neither it nor a version before names one", async () => {
    const key = await bench.key({
      role: "editor",
      grants: { langfuse: { defaultModel: "anthropic/claude-haiku-4-5" } },
    });
    expect(await create(key, { name: "without/model", config: {} })).toMatchObject({ status: 201 });
    const { body } = await call(bench.server.url, "GET /v1/prompts/without%2Fmodel/versions/1", { key });
    expect(body.artifact.model).toBe("anthropic/claude-haiku-4-5");
  });

  it.each<[string, object, RegExp]>([
    ["names no model", { config: {} }, /body\.config: names no model/],
    ["puts in another prompt", { prompt: "@@@langfusePrompt:name=a|label=b@@@" }, /@@@langfusePrompt@@@/],
    ["is a text of messages", { prompt: [{ role: "user", content: "a" }] }, /of type "text" is a text/],
    ["is a chat of one text", { type: "chat" }, /of type "chat" is a list/],
    ["has a role that there is not", { type: "chat", prompt: [{ role: "robot", content: "a" }] }, /role/],
    ["moves what moves by itself", { labels: ["latest"] }, /newest version by itself/],
    ["holds a secret", { prompt: `token ${TOKEN}` }, /secret/i],
    ["is named as no prompt can be", { name: "Not A Name" }, /name/],
  ])("is refused whole where it %s", async (_, more, problem) => {
    const { status, body } = await create(admin, more);
    expect([status, body.error]).toEqual([400, "InvalidRequestError"]);
    expect(body.message).toMatch(problem);
    expect(await versions().catch(() => [])).toEqual([]);
  });

  it("stays a text or a chat, as those that read it expect", async () => {
    await create(admin);
    const { status, body } = await create(admin, { type: "chat", prompt: [{ role: "user", content: "a" }] });
    expect([status, body.message]).toEqual([400, expect.stringContaining('are of type "text"')]);
  });
});

describe("a label that a Langfuse client moves", () => {
  it("is moved by an editor where it is not protected, and audited as without evidence", async () => {
    const editor = await bench.key({ role: "editor", owner: "ed" });
    await create(editor, { labels: ["staging"] });
    await create(editor, { prompt: "Hello {{who}}" });
    expect(await client(editor).prompt.update({ name, version: 2, newLabels: ["staging"] })).toMatchObject({
      labels: ["staging", "latest"],
    });
    const audit = await bench.db
      .selectFrom("audit")
      .selectAll()
      .where("prompt", "=", name)
      .orderBy("seq")
      .execute();
    expect(audit.filter(({ action }) => action === "pointer_set")).toMatchObject([
      { label: "staging", principal: { name: "ed" }, details: { forced: true } },
      { label: "staging", principal: { name: "ed" }, reason: "moved by a Langfuse client" },
    ]);
  });

  it("that is protected is moved to the first version that anybody is served, by a releaser", async () => {
    const editor = await bench.key({ role: "editor" });
    expect(await create(editor, { labels: ["production"] })).toMatchObject({
      status: 403,
      body: { error: "ForbiddenError" },
    });
    expect(await versions().catch(() => [])).toEqual([]);
    const releaser = await bench.key({ role: "releaser" });
    await create(releaser, { labels: ["production"] });
    expect(await pointer("production")).toMatchObject({ revision: 1 });
  });

  it("that is protected is not moved without evidence, by whatever role, and nothing is created", async () => {
    await create(admin, { labels: ["production"] });
    for (const role of ["viewer", "resolver", "editor", "releaser", "admin"] as const) {
      const key = await bench.key({ role });
      const refused = await create(key, { prompt: `by ${role}`, labels: ["staging", "production"] });
      expect([role, refused.status]).toEqual([role, 403]);
    }
    expect(await versions()).toHaveLength(1);
    await create(admin, { prompt: "second" });
    expect(await label(admin, 2, ["production", "staging"])).toMatchObject({
      status: 403,
      body: { error: "ForbiddenError", message: expect.stringContaining("no policy to roll it out by") },
    });
    expect([await pointer("production"), await pointer("staging")]).toMatchObject([
      { revision: 1 },
      undefined,
    ]);
  });

  it("that serves the version already is left as it is", async () => {
    await create(admin, { labels: ["production"] });
    expect((await label(admin, 1, ["production"])).status).toBe(200);
    expect((await create(admin, { labels: ["production"] })).status).toBe(201);
    expect(await pointer("production")).toMatchObject({ revision: 1 });
  });

  it("that is protected is moved to what has passed its gate against what is served", async () => {
    await create(admin, { labels: ["production"] });
    await create(admin, { prompt: "second" });
    const [one, two] = (await versions())
      .toSorted((a, b) => a.version - b.version)
      .map(({ versionId }) => versionId);
    const rolloutId = await bench.store.addRollout(name, two!, one!);
    await bench.store.query(
      `insert into sluice.evaluations (rollout_id, candidate_version, baseline_version, dataset_sha256, gate_sha256, verdict)
       select $1, $2, $3, policy_sha256, 'g', 'pass' from sluice.rollouts where id = $1`,
      [rolloutId, two, one],
    );
    await bench.store.query(
      "update sluice.rollouts set outcome = 'aborted', phase = 'done', ended_at = now() where id = $1",
      [rolloutId],
    );
    expect(await label(admin, 2, ["production"])).toMatchObject({
      status: 200,
      body: { labels: ["latest", "production"].toSorted().toReversed() },
    });
    expect(await pointer("production")).toMatchObject({ active_version: two });
  });

  it("is refused to a key that was not granted it, and of a version that is not there", async () => {
    await create(admin);
    const other = await bench.key({ role: "releaser", grants: { labels: ["staging"] } });
    expect((await label(other, 1, ["beta"])).status).toBe(403);
    expect((await label(other, 1, ["staging"])).status).toBe(200);
    expect(await label(admin, 9, ["staging"])).toMatchObject({
      status: 404,
      body: { error: "LangfuseNotFoundError" },
    });
  });

  it("never serves its clients what they would send to a model as it stands", async () => {
    await bench.store.addVersion(name, {
      ...artifact("unused"),
      syntax: "jinja",
      variables: { a: { type: "string" } },
      messages: [{ role: "user", content: "{% if a %}x{% endif %}" }],
    } as never);
    expect((await label(admin, 1, ["staging"])).body.message).toMatch(/more than \{\{ name \}\}/);
    expect(await pointer("staging")).toBeUndefined();
  });
});

describe("a prompt that a Langfuse client deletes", () => {
  it("is archived where nobody is served it, and else left as it is", async () => {
    await create(admin);
    const remove = (query = "") =>
      call(bench.server.url, `DELETE /api/public/v2/prompts/${encodeURIComponent(name)}${query}`, {
        key: admin,
      });
    expect(await remove("?version=1")).toMatchObject({
      status: 405,
      body: { error: "MethodNotAllowedError" },
    });
    await label(admin, 1, ["staging"]);
    expect(await remove()).toMatchObject({ status: 400, body: { error: "InvalidRequestError" } });
    await create(admin, { name: `${name}-2` });
    name = `${name}-2`;
    await client(admin).prompt.delete(name);
    const { archived_at } = await bench.db
      .selectFrom("prompts")
      .select("archived_at")
      .where("name", "=", name)
      .executeTakeFirstOrThrow();
    expect(archived_at).not.toBeNull();
  });
});
