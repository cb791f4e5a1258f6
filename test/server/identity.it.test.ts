import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql } from "kysely";
import { readIdentitySettings } from "../../src/access/identity-settings.ts";
import { makeKey, readKey, storedProof } from "../../src/access/key-text.ts";
import type { TrustRuleRequest } from "../../src/domain/shapes/trust-rules.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import { actingAs } from "../../src/storage/acting-database.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { transact } from "../../src/storage/transact.ts";
import { createKey } from "../../src/use-cases/create-key.ts";
import { openKeySession } from "../../src/use-cases/open-key-session.ts";
import { trustWorkload } from "../../src/use-cases/trust-workload.ts";
import { runSluice } from "../cli/run-sluice.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";
import {
  GITLAB_JOB,
  openJobTokens,
  openTokenIssuer,
  PUBLIC_URL,
  type TokenIssuer,
} from "./support/token-issuer.ts";

let github: TokenIssuer;
let gitlab: TokenIssuer;
let bench: ServerBench;
let admin: string;
beforeAll(async () => {
  [github, gitlab] = await Promise.all([openTokenIssuer(), openTokenIssuer(GITLAB_JOB)]);
  const settings: Record<string, string> = {
    SLUICE_PUBLIC_URL: PUBLIC_URL,
    SLUICE_WORKLOAD_ISSUERS: `github=${github.issuer} gitlab=${gitlab.issuer}`,
  };
  const read = (name: string) => settings[name];
  bench = await openServer({
    limits: { write: 1_000, read: 1_000 },
    identity: readIdentitySettings(read, read, readPermittedAddresses("127.0.0.1")),
  });
  admin = await bench.key({ role: "admin", owner: "bea" });
});
afterAll(() => Promise.all([bench.close(), github.close(), gitlab.close()]));

const me = (key: string) => call(bench.server.url, "GET /v1/me", { key });
const exchange = (token: string, rule?: string) =>
  call(bench.server.url, "POST /v1/tokens/workload", { body: { token, ...(rule && { rule }) } });
const addRule = (rule: Partial<TrustRuleRequest> & Pick<TrustRuleRequest, "name" | "match">) =>
  call(bench.server.url, "POST /v1/trust-rules", {
    key: admin,
    body: { platform: "github", issuer: github.issuer, role: "releaser", ...rule },
  });
const removeRule = (name: string) => call(bench.server.url, `DELETE /v1/trust-rules/${name}`, { key: admin });

/** As a page of the server sends it. */
const browse = (
  request: string,
  cookie: string,
  more: { body?: unknown; headers?: Record<string, string> } = {},
) =>
  call(bench.server.url, request, {
    ...more,
    headers: { cookie: `__Host-sluice=${cookie}`, "sec-fetch-site": "same-origin", ...more.headers },
  });
async function signIn(key: string, headers: Record<string, string> = {}): Promise<string> {
  const answered = await call(bench.server.url, "POST /v1/session", { body: { key }, headers });
  expect(answered.status).toBe(200);
  return /^__Host-sluice=([^;]+);/.exec(answered.headers.get("set-cookie")!)![1]!;
}

describe("a browser's session", () => {
  const push = { file: { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "Hi" }] } };
  const PUSH = "POST /v1/prompts/greeting/versions";

  it("stands for the key that it was opened with, and the audit log names the key's owner by proof", async () => {
    const key = await bench.key({ role: "editor", owner: "ed", grants: { prompts: ["greeting"] } });
    const cookie = await signIn(key);
    expect((await browse("GET /v1/me", cookie)).body).toMatchObject({
      id: cookie.slice(4, 16),
      kind: "key",
      session: true,
      owner: "ed",
      role: "editor",
      grants: { prompts: ["greeting"] },
    });
    expect((await browse(PUSH, cookie, { body: push })).status).toBe(201);
    expect((await readAudit(bench.db, { prompt: "greeting", limit: 1 }))[0]!.principal).toEqual({
      kind: "key",
      id: key.slice(4, 16),
      name: "ed",
      by: expect.any(String),
      session: cookie.slice(4, 16),
    });
    // It is a cookie's, and nothing that is sent otherwise.
    expect((await me(cookie)).status).toBe(401);
    expect((await call(bench.server.url, "POST /v1/session", { body: { key: cookie } })).status).toBe(401);
  });

  it("changes nothing for another site, and yields to a key that is sent with it", async () => {
    const cookie = await signIn(await bench.key({ role: "editor" }));
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site", origin: PUBLIC_URL },
    ])
      expect((await browse(PUSH, cookie, { body: push, headers })).status).toBe(403);
    const text = { "content-type": "text/plain" };
    expect((await browse(PUSH, cookie, { body: JSON.stringify(push), headers: text })).status).toBe(415);
    const unsaid = await call(bench.server.url, PUSH, {
      body: push,
      headers: { cookie: `__Host-sluice=${cookie}` },
    });
    expect(unsaid.status).toBe(403);
    const headers = { cookie: `__Host-sluice=${cookie}`, origin: PUBLIC_URL };
    expect((await call(bench.server.url, PUSH, { body: push, headers })).status).toBe(200);
    // The key alone counts, a good one and a bad one.
    const viewer = await bench.key({ role: "viewer", owner: "vi" });
    expect(
      (await browse("GET /v1/me", cookie, { headers: { authorization: `Bearer ${viewer}` } })).body.owner,
    ).toBe("vi");
    const bad = await browse("GET /v1/me", cookie, { headers: { authorization: "Bearer slu_x" } });
    expect(bad.status).toBe(401);
  });

  it("is a new one at each sign-in, ends the one before, and ends at sign-out", async () => {
    const key = await bench.key({ role: "viewer" });
    const first = await signIn(key);
    const second = await signIn(key, { cookie: `__Host-sluice=${first}` });
    expect(second).not.toBe(first);
    await eventually("the first is over", async () => (await browse("GET /v1/me", first)).status === 401);
    // What somebody else has put there is not taken over.
    const planted = `${first.slice(0, -1)}x`;
    expect(await signIn(key, { cookie: `__Host-sluice=${planted}` })).not.toBe(planted);
    const out = await browse("DELETE /v1/session", second);
    expect([out.body, out.headers.get("set-cookie")]).toEqual([
      { ended: true },
      expect.stringMatching(/^__Host-sluice=; Max-Age=0/),
    ]);
    await eventually("the second is over", async () => (await browse("GET /v1/me", second)).status === 401);
    expect((await call(bench.server.url, "DELETE /v1/session", { key })).body).toEqual({ ended: false });
    expect((await me(key)).status).toBe(200);
  });

  it("is over after 12 hours without use, after 7 days, and with its key", async () => {
    const key = await bench.key({ role: "viewer" });
    const ends: Record<string, (id: string) => string> = {
      idle: (id) =>
        `update sluice.sessions set used_at = now() - interval '12 hours 1 second' where id = '${id}'`,
      old: (id) => `update sluice.sessions set expires_at = now() where id = '${id}'`,
      withdrawn: () => `update sluice.keys set revoked_at = now() where id = '${key.slice(4, 16)}'`,
    };
    for (const [how, statement] of Object.entries(ends)) {
      const cookie = await signIn(key);
      const id = cookie.slice(4, 16);
      const [row] = await bench.store.query(
        "select extract(epoch from expires_at - opened_at)::int as life from sluice.sessions where id = $1",
        [id],
      );
      expect(row).toEqual({ life: 7 * 86_400 });
      await bench.store.query(statement(id));
      expect((await browse("GET /v1/me", cookie)).status, how).toBe(401);
      // And Postgres takes its word for nothing.
      const acting = transact(actingAs(bench.db, readKey(cookie, "session")!), async () => undefined);
      await expect(acting, how).rejects.toMatchObject({ code: "forbidden" });
    }
  });

  it("is opened by a good key alone, on a page of the server", async () => {
    const open = (body: unknown, headers = {}) =>
      call(bench.server.url, "POST /v1/session", { body, headers });
    const key = await bench.key({ role: "viewer" });
    expect((await open({ key: `${key}x` })).status).toBe(401);
    expect((await open({})).status).toBe(400);
    expect((await open({ key }, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await open(JSON.stringify({ key }), { "content-type": "text/plain" })).status).toBe(415);
    const rows = JSON.stringify(await bench.store.query("select to_jsonb(s) from sluice.sessions s"));
    const cookie = await signIn(key);
    for (const text of [rows, bench.log.join("\n")]) expect(text).not.toContain(cookie.slice(17));
  });

  it("of an admin makes keys, and one that the server's word alone has opened does not", async () => {
    const body = { name: "made", role: "viewer", grants: {} };
    const cookie = await signIn(admin);
    expect((await browse("POST /v1/keys", cookie, { body })).status).toBe(201);
    const { id, proof } = makeKey("session");
    const person = { kind: "person", name: "eve@issuer", role: "admin", grants: {} };
    await sql`select sluice.open_person_session(${id}, ${storedProof(proof)}, ${JSON.stringify(person)}::jsonb, null)`.execute(
      bench.db,
    );
    await expect(
      createKey(
        actingAs(bench.db, { id, proof }),
        { name: "x", role: "viewer", grants: {}, owner: "eve" },
        { access: "admin" },
      ),
    ).rejects.toMatchObject({ code: "42501" });
    // Whatever id the server gives a session.
    const taken = { id: admin.slice(4, 16), proof };
    await sql`select sluice.open_person_session(${taken.id}, ${storedProof(proof)}, ${JSON.stringify(person)}::jsonb, null)`.execute(
      bench.db,
    );
    await expect(
      createKey(
        actingAs(bench.db, taken),
        { name: "x", role: "viewer", grants: {}, owner: "eve" },
        { access: "admin" },
      ),
    ).rejects.toMatchObject({ code: "42501" });
    await expect(openKeySession(actingAs(bench.db, { id, proof }))).rejects.toMatchObject({ code: "42501" });
  });
});

describe("a CI job", () => {
  it("is let in by a rule, for what the rule says, and audited as what it is by the database's word", async () => {
    const grants = { prompts: ["support/"] };
    const match = { repository_id: "1", environment: "production" };
    expect((await addRule({ name: "deploy", match, grants })).status).toBe(201);
    const job = { repository_id: "1", environment: "production", run_id: "77" };
    const { status, body } = await exchange(await github.sign(job));
    const name = `repository:1@${github.issuer.replace("http://", "")}`;
    expect([status, body]).toMatchObject([200, { rule: "deploy", role: "releaser", grants, name }]);
    const left = Date.parse(body.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(14 * 60_000);
    expect(left).toBeLessThanOrEqual(15 * 60_000);
    expect((await me(body.token)).body).toMatchObject({
      kind: "workload",
      session: true,
      owner: name,
      role: "releaser",
      grants,
    });
    const file = { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "Hello" }] };
    const pushed = await call(bench.server.url, "POST /v1/prompts/support%2Freply/versions", {
      key: body.token,
      body: { file },
    });
    expect(pushed.status).toBe(201);
    expect((await readAudit(bench.db, { prompt: "support/reply", limit: 1 }))[0]!.principal).toEqual({
      kind: "workload",
      id: body.token.slice(4, 16),
      name,
      by: expect.any(String),
      subject: "repo:octo/prompts:ref:refs/heads/main",
      run: "77",
      rule: "deploy",
    });
    const elsewhere = "POST /v1/prompts/billing/versions";
    expect((await call(bench.server.url, elsewhere, { key: body.token, body: { file } })).status).toBe(404);
  });

  it("is let in by no rule that asks for more than its token says, whatever its repository is called", async () => {
    await addRule({ name: "renamed", match: { repository_id: "2", ref: "refs/heads/main" } });
    const asked = async (claims: object) => (await exchange(await github.sign({ ...claims }))).status;
    expect(await asked({ repository_id: "2", repository: "octo/renamed" })).toBe(200);
    // Another one that has got the name.
    expect(await asked({ repository_id: "3", repository: "octo/prompts" })).toBe(403);
    expect(await asked({ repository_id: "2", ref: "refs/heads/evil" })).toBe(403);
    expect(await asked({ repository_id: "2", ref: undefined })).toBe(403);
    expect(await asked({ repository_id: 2 })).toBe(403);
    expect((await exchange(await gitlab.sign({ repository_id: "2", ref: "refs/heads/main" }))).status).toBe(
      403,
    );
  });

  it("shows its token once, however many show it at the same moment", async () => {
    await addRule({ name: "once", match: { repository_id: "4" } });
    const token = await github.sign({ repository_id: "4" });
    const answers = await Promise.all(Array.from({ length: 5 }, () => exchange(token)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401, 401]);
    expect((await exchange(token)).body.detail).toMatch(/exchanged before/);
  });

  it.each([
    ["github", { repository_id: "5", event_name: "pull_request" }],
    ["github", { repository_id: "5", event_name: "pull_request_target" }],
    ["gitlab", { project_id: "5", pipeline_source: "merge_request_event" }],
  ] as const)("of %s that runs a stranger's text is no more than an editor: %j", async (platform, job) => {
    const issuer = platform === "github" ? github : gitlab;
    const match = platform === "github" ? { repository_id: "5" } : { project_id: "5" };
    const grants = { force: true, labels: ["staging"] };
    await addRule({ name: `${platform}-5`, platform, issuer: issuer.issuer, match, grants });
    const [pull, push] = [await exchange(await issuer.sign(job)), await exchange(await issuer.sign(match))];
    expect(pull.body).toMatchObject({ role: "editor", grants: { labels: ["staging"] } });
    expect(pull.body.grants).not.toHaveProperty("force");
    expect(push.body).toMatchObject({ role: "releaser", grants });
  });

  it("that fits several rules says which one is meant", async () => {
    await addRule({ name: "wide", match: { repository_id: "6" }, role: "viewer" });
    await addRule({ name: "narrow", match: { repository_id: "6", event_name: "push" } });
    const asked = async (rule?: string) => exchange(await github.sign({ repository_id: "6" }), rule);
    expect(await asked()).toMatchObject({
      status: 403,
      body: { error: { details: { rules: ["narrow", "wide"] } } },
    });
    expect((await asked("wide")).body).toMatchObject({ rule: "wide", role: "viewer" });
    expect((await asked("deploy")).status).toBe(403);
  });

  it("is refused when its quarter of an hour is over, or its rule is removed", async () => {
    await addRule({ name: "short", match: { repository_id: "7" } });
    const enter = async () =>
      (await exchange(await github.sign({ repository_id: "7" }))).body.token as string;
    const [late, ended] = [await enter(), await enter()];
    await bench.store.query("update sluice.sessions set expires_at = now() where id = $1", [
      late.slice(4, 16),
    ]);
    expect((await me(late)).status).toBe(401);
    expect((await me(ended)).status).toBe(200);
    expect((await removeRule("short")).body).toEqual({ name: "short" });
    await eventually("it is refused", async () => (await me(ended)).status === 401);
    expect((await removeRule("short")).status).toBe(404);
    expect(
      (await readAudit(bench.db, { limit: 2 })).map(({ action, principal }) => [action, principal?.name]),
    ).toEqual([
      ["trust_rule_added", "bea"],
      ["trust_rule_removed", "bea"],
    ]);
  });

  it("administers neither keys nor rules, and a rule makes no admin", async () => {
    expect(
      (await addRule({ name: "admins", match: { repository_id: "8" }, role: "admin" as never })).status,
    ).toBe(400);
    expect((await addRule({ name: "deploy", match: { repository_id: "8" } })).status).toBe(409);
    const part = await bench.key({ role: "admin", grants: { labels: ["staging"] } });
    const body = { name: "more", platform: "github", match: { repository_id: "8" }, role: "viewer" };
    expect((await call(bench.server.url, "POST /v1/trust-rules", { key: part, body })).status).toBe(403);
    await expect(
      trustWorkload(bench.db, { ...body, platform: "github", role: "viewer" }, { access: "admin" }),
    ).rejects.toMatchObject({ code: "42501" });
  });

  it("leaves no token in the log or the database, and is told to wait after ten bad ones", async () => {
    const bad = await Promise.all(Array.from({ length: 14 }, () => github.sign({ aud: "x" })));
    const answers = await Promise.all(bad.map((token) => exchange(token)));
    expect(answers.at(-1)).toMatchObject({ status: 429 });
    const rows = await bench.store.query(
      "select to_jsonb(s) as s from sluice.sessions s union all select to_jsonb(u) from sluice.used_tokens u",
    );
    const kept = `${bench.log.join("\n")}${JSON.stringify(rows)}`;
    for (const secret of [bad[0]!.split(".")[2]!, bad[0]!.split(".")[1]!]) expect(kept).not.toContain(secret);
  });
});

describe("a command in a CI job", () => {
  it("exchanges the job's token by itself, where there is a server and no key", async () => {
    await addRule({ name: "by-itself", match: { repository_id: "7412" }, role: "editor" });
    const tokens = await openJobTokens(github, PUBLIC_URL);
    const env = {
      SLUICE_URL: bench.server.url,
      SLUICE_AUDIENCE: PUBLIC_URL,
      SLUICE_ACTOR: "",
      ...tokens.env,
    };
    const folder = await mkdtemp(join(tmpdir(), "sluice-job-"));
    try {
      await writeFile(
        join(folder, "by-a-job.yaml"),
        "name: by-a-job\nmodel: openai/gpt-5.4-mini\ntext: Hi\n",
      );
      const run = (args: readonly string[], more = {}) =>
        runSluice(args, { cwd: folder, env: { ...env, ...more } });
      const pushed = await run(["push", "by-a-job.yaml"]);
      expect(pushed.code, pushed.stderr).toBe(0);
      const [entry] = await readAudit(bench.db, { prompt: "by-a-job", limit: 1 });
      expect(entry!.principal).toMatchObject({ kind: "workload", rule: "by-itself" });
      const gitlab = await run(["resolve", "by-a-job@1"], { SLUICE_ID_TOKEN: await github.sign() });
      expect(gitlab.code, gitlab.stderr).toBe(0);
      const bad = await run(["list"], { SLUICE_ID_TOKEN: "x.y.z" });
      expect(bad).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("does not let this CI job in: "),
      });
      expect(bad.stderr.trim().split("\n")).toHaveLength(1);
      const other = await run(["list"], { SLUICE_AUDIENCE: "https://elsewhere.example" });
      expect(other).toMatchObject({ code: 5, stderr: expect.stringContaining("id-token: write") });
      expect(other.stderr + bad.stderr).not.toContain("of-the-job");
    } finally {
      tokens.close();
      await rm(folder, { recursive: true, force: true });
      await removeRule("by-itself");
    }
  });
});
