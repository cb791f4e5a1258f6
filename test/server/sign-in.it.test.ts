import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readIdentitySettings } from "../../src/access/identity-settings.ts";
import { readRolesFile } from "../../src/domain/access/roles-file.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { withdrawSessions } from "../../src/use-cases/withdraw-sessions.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call, type Called } from "./support/checked-call.ts";
import { type OidcIssuer, openOidcIssuer } from "./support/oidc-issuer.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";
import { PUBLIC_URL } from "./support/token-issuer.ts";

const ROLES = `
claim: groups
roles:
  - { value: prompt-admins, role: admin }
  - { value: support, role: releaser, grants: { prompts: [support/] } }
`;

const PROXY_SECRET = "what the proxy alone knows";

let issuer: OidcIssuer;
let bench: ServerBench;
beforeAll(async () => {
  issuer = await openOidcIssuer(`${PUBLIC_URL}/auth/callback`);
  const settings: Record<string, string> = {
    SLUICE_PUBLIC_URL: PUBLIC_URL,
    SLUICE_OIDC_ISSUER: issuer.issuer,
    SLUICE_OIDC_CLIENT_ID: issuer.clientId,
    SLUICE_OIDC_CLIENT_SECRET: issuer.clientSecret,
    SLUICE_OIDC_SCOPES: "openid email groups",
    SLUICE_OIDC_ROLES: "roles.yaml",
    SLUICE_PROXY_USER_HEADER: "X-Forwarded-User",
    SLUICE_PROXY_GROUPS_HEADER: "x-forwarded-groups",
    SLUICE_PROXY_SECRET: PROXY_SECRET,
    SLUICE_PROXY_ROLES: "roles.yaml",
  };
  const read = (name: string) => settings[name];
  bench = await openServer({
    limits: { write: 1_000, read: 1_000 },
    trustedProxies: ["127.0.0.1"],
    identity: readIdentitySettings(read, read, readPermittedAddresses("127.0.0.1"), ["127.0.0.1"]),
    roles: readRolesFile(ROLES, "roles.yaml"),
    proxyRoles: readRolesFile(ROLES, "roles.yaml"),
  });
});
afterAll(() => Promise.all([bench.close(), issuer.close()]));
/** Each test comes from an address of its own: so many sign-ins are begun from one. */
let address = 0;
beforeEach(() => {
  address++;
  issuer.account = "ann";
  issuer.away(false);
  issuer.people.set("ann", { email: "ann@example.com", email_verified: true, groups: ["staff", "support"] });
  issuer.people.set("bob", { email: "ann@example.com", email_verified: false, groups: "prompt-admins" });
  issuer.people.set("eve", { email: "eve@example.com", email_verified: true, groups: ["staff"] });
});

const cookieOf = (answered: Called, name: string) =>
  answered.headers
    .getSetCookie()
    .find((line) => line.startsWith(`${name}=`))
    ?.match(/^[^=]+=([^;]*)/)?.[1];

const askToSignIn = (query = "") =>
  call(
    bench.server.url,
    `GET /auth/login${query}`,
    { headers: { "x-forwarded-for": `192.0.2.${address}` } },
    "manual",
  );
async function begin(returnTo?: string) {
  const query = returnTo === undefined ? "" : `?return_to=${encodeURIComponent(returnTo)}`;
  const answered = await askToSignIn(query);
  return {
    answered,
    location: answered.headers.get("location")!,
    login: cookieOf(answered, "__Host-sluice-login")!,
  };
}
/** As the browser that has this cookie comes back to the server. */
const comeBack = (at: URL, login?: string) =>
  call(bench.server.url, `GET /auth/callback${at.search}`, {
    headers: login === undefined ? {} : { cookie: `__Host-sluice-login=${login}` },
  });
async function signIn(account: string): Promise<string> {
  issuer.account = account;
  const { location, login } = await begin();
  const answered = await comeBack(await issuer.signIn(location), login);
  expect(answered.status).toBe(200);
  return cookieOf(answered, "__Host-sluice")!;
}
const browse = (request: string, cookie: string, body?: unknown) =>
  call(bench.server.url, request, {
    body,
    headers: { cookie: `__Host-sluice=${cookie}`, "sec-fetch-site": "same-origin" },
  });
const nameOf = (account: string) => `${account}@${issuer.issuer.replace("http://", "")}`;
/** As if the role had been read so long ago. */
const age = async (cookie: string, interval: string) => {
  const id = cookie.slice(4, 16);
  await bench.store.query(
    `update sluice.sessions set roles_read_at = now() - interval '${interval}', reading_since = null where id = $1`,
    [id],
  );
  // What a server remembers of a session is as old as it.
  await bench.store.query("select pg_notify('sluice_keys', $1)", [id]);
};

describe("a person who signs in at the issuer", () => {
  it("is let in by the role that the issuer's word gives, and goes on to where they wanted", async () => {
    const { answered, location, login } = await begin(
      '/prompts?tag=a&b="<c>"'.replaceAll(/["<>]/g, encodeURIComponent),
    );
    expect(answered.status).toBe(302);
    const asked = new URL(location);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: "sluice",
      response_type: "code",
      code_challenge_method: "S256",
      redirect_uri: `${PUBLIC_URL}/auth/callback`,
      state: expect.stringMatching(/.{20}/),
      nonce: expect.stringMatching(/.{20}/),
      code_challenge: expect.stringMatching(/.{43}/),
    });
    expect(answered.headers.getSetCookie()[0]).toMatch(
      /; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const back = await comeBack(await issuer.signIn(location), login);
    expect(back.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(back.body).toContain('content="0;url=/prompts?tag=a&amp;b=%22%3Cc%3E%22"');
    expect(cookieOf(back, "__Host-sluice-login")).toBe("");
    const session = cookieOf(back, "__Host-sluice")!;
    expect((await browse("GET /v1/me", session)).body).toMatchObject({
      kind: "person",
      session: true,
      owner: nameOf("ann"),
      name: "ann@example.com",
      role: "releaser",
      grants: { prompts: ["support/"] },
    });
    const file = { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "Hello" }] };
    expect((await browse("POST /v1/prompts/support%2Freply/versions", session, { file })).status).toBe(201);
    expect((await readAudit(bench.db, { prompt: "support/reply", limit: 1 }))[0]!.principal).toEqual({
      kind: "person",
      id: session.slice(4, 16),
      name: nameOf("ann"),
      by: expect.any(String),
      subject: "ann",
      email: "ann@example.com",
    });
    const rows = JSON.stringify(
      await bench.store.query("select to_jsonb(s), encode(sealed_tokens, 'escape') from sluice.sessions s"),
    );
    for (const text of [rows, bench.log.join("\n")])
      for (const secret of [
        session.slice(17),
        back.body,
        "refresh",
        issuer.clientSecret,
        new URL(location).searchParams.get("state")!,
      ])
        expect(text).not.toContain(secret);
  });

  it("is known by subject and issuer: an address that is not verified is nobody's name", async () => {
    const [ann, bob] = [await signIn("ann"), await signIn("bob")];
    expect((await browse("GET /v1/me", ann)).body.owner).toBe(nameOf("ann"));
    expect((await browse("GET /v1/me", bob)).body).toMatchObject({
      owner: nameOf("bob"),
      name: "bob",
      role: "admin",
    });
  });

  it("of the role admin administers labels, and no keys: that takes what the server's word alone does not", async () => {
    const cookie = await signIn("bob");
    const change = { protected: true, reason: "r" };
    expect((await browse("PUT /v1/labels/beta", cookie, change)).status).toBe(200);
    for (const [request, body] of [
      ["GET /v1/keys"],
      ["GET /v1/sessions"],
      ["POST /v1/keys", { name: "x", role: "viewer" }],
      [
        "POST /v1/trust-rules",
        { name: "x", platform: "github", match: { repository_id: "1" }, role: "viewer" },
      ],
    ] as const) {
      const answered = await browse(request, cookie, body);
      expect([answered.status, answered.body.detail], request).toEqual([
        403,
        expect.stringMatching(/admin's key/),
      ]);
    }
  });

  it("is not let in without a role, and is told whom to ask", async () => {
    issuer.account = "eve";
    const { location, login } = await begin();
    const back = await comeBack(await issuer.signIn(location), login);
    expect([back.status, back.body.detail]).toEqual([
      403,
      expect.stringMatching(/no role here.*SLUICE_OIDC_ROLES/),
    ]);
    expect(back.headers.getSetCookie()).toEqual([]);
  });

  it("is not let in by an answer that another browser has asked for, or by one twice", async () => {
    const [mine, other] = [await begin(), await begin()];
    const at = await issuer.signIn(mine.location);
    // Somebody else's answer, which another site sends this browser to.
    expect((await comeBack(at, other.login)).status).toBe(401);
    expect((await comeBack(at)).status).toBe(401);
    expect((await comeBack(at, "x")).status).toBe(401);
    expect((await comeBack(at, mine.login)).status).toBe(200);
    expect((await comeBack(at, mine.login)).status).toBe(401);
  });

  it.each([
    ["state", (t: Record<string, string>) => ({ ...t, state: `${t.state}x` })],
    ["nonce", (t: Record<string, string>) => ({ ...t, nonce: `${t.nonce}x` })],
    ["verifier", (t: Record<string, string>) => ({ ...t, verifier: `${t.verifier!.slice(0, -1)}~` })],
  ])("is not let in with another %s", async (_, change) => {
    const { location, login } = await begin();
    const kept = JSON.parse(Buffer.from(login, "base64url").toString()) as Record<string, string>;
    const changed = Buffer.from(JSON.stringify(change(kept))).toString("base64url");
    const back = await comeBack(await issuer.signIn(location), changed);
    expect([back.status, back.body.detail]).toEqual([401, expect.stringMatching(/sign in again/)]);
  });

  it.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "\\/evil.example",
    "javascript:alert(1)",
    "x",
    "",
  ])("is sent to no other site after it: %j", async (returnTo) => {
    expect((await askToSignIn(`?return_to=${encodeURIComponent(returnTo)}`)).status).toBe(400);
    // Nor where the cookie says so.
    const transaction = { state: "s", nonce: "n", verifier: "v", returnTo };
    const login = Buffer.from(JSON.stringify(transaction)).toString("base64url");
    expect((await comeBack(new URL(`${PUBLIC_URL}/?code=x&state=s`), login)).status).not.toBe(200);
  });

  it("may do what the issuer says a quarter of an hour later, and nothing when it says no role any more", async () => {
    const cookie = await signIn("ann");
    issuer.people.set("ann", { groups: ["prompt-admins"] });
    expect((await browse("GET /v1/me", cookie)).body.role).toBe("releaser");
    await age(cookie, "16 minutes");
    const before = issuer.asked.filter((path) => path === "/token").length;
    await eventually(
      "the new role is read",
      async () => (await browse("GET /v1/me", cookie)).body.role === "admin",
    );
    // Many requests, and one that asks.
    await age(cookie, "16 minutes");
    await eventually("it is asked again", async () => {
      await Promise.all(Array.from({ length: 5 }, () => browse("GET /v1/me", cookie)));
      return issuer.asked.filter((path) => path === "/token").length === before + 2;
    });
    issuer.people.set("ann", { groups: [] });
    await age(cookie, "16 minutes");
    await eventually("they are out", async () => (await browse("GET /v1/me", cookie)).status === 401);
    const [row] = await bench.store.query(
      "select ended_at is not null as over, sealed_tokens from sluice.sessions where id = $1",
      [cookie.slice(4, 16)],
    );
    expect(row).toEqual({ over: true, sealed_tokens: null });
  });

  it("is out at once when the issuer does not know them any more, and stays for an hour while it is away", async () => {
    const [gone, kept] = [await signIn("bob"), await signIn("ann")];
    issuer.people.delete("bob");
    await age(gone, "16 minutes");
    await eventually("they are out", async () => (await browse("GET /v1/me", gone)).status === 401);
    issuer.away(true);
    await age(kept, "16 minutes");
    await eventually("it was asked", async () => {
      expect((await browse("GET /v1/me", kept)).status).toBe(200);
      const [row] = await bench.store.query(
        "select reading_since is not null as asking from sluice.sessions where id = $1",
        [kept.slice(4, 16)],
      );
      return row.asking;
    });
    await age(kept, "61 minutes");
    await eventually("they wait", async () => (await browse("GET /v1/me", kept)).status === 503);
    issuer.away(false);
    await age(kept, "61 minutes");
    await eventually("they go on", async () => (await browse("GET /v1/me", kept)).status === 200);
  });

  it("signs out: the session is over for whoever has copied it", async () => {
    const cookie = await signIn("ann");
    expect((await browse("DELETE /v1/session", cookie)).body).toEqual({ ended: true });
    await eventually("it is over", async () => (await browse("GET /v1/me", cookie)).status === 401);
  });

  it("is signed out by an admin's key, here or with all that they have open, and by nobody else", async () => {
    const [phone, desk, bob] = [await signIn("ann"), await signIn("ann"), await signIn("bob")];
    const key = await bench.key({ role: "admin", grants: {}, owner: "root" });
    const ask = (request: string, as = key) => call(bench.server.url, request, { key: as });
    const { items } = (await ask("GET /v1/sessions")).body;
    const [id] = [phone.slice(4, 16)];
    expect(items.find((one: { id: string }) => one.id === id)).toMatchObject({
      kind: "person",
      name: nameOf("ann"),
      origin: { subject: "ann", email: "ann@example.com" },
      keyId: null,
      role: "releaser",
      grants: { prompts: ["support/"] },
    });
    for (const [request, as, status] of [
      ["GET /v1/sessions", await bench.key({ role: "releaser" }), 403],
      // It may not do all that ann may.
      [`DELETE /v1/sessions?id=${id}`, await bench.key({ role: "admin", grants: { prompts: ["a/"] } }), 404],
      [`DELETE /v1/sessions?id=${id}&name=ann`, key, 400],
      ["DELETE /v1/sessions", key, 400],
    ] as const)
      expect((await ask(request, as)).status, request).toBe(status);
    expect((await browse(`DELETE /v1/sessions?id=${id}`, bob)).status).toBe(403);
    expect((await browse("GET /v1/me", phone)).status).toBe(200);

    expect((await ask(`DELETE /v1/sessions?id=${id}`)).body.items).toEqual([
      { id, kind: "person", name: nameOf("ann") },
    ]);
    await eventually("one is over", async () => (await browse("GET /v1/me", phone)).status === 401);
    expect((await browse("GET /v1/me", desk)).status).toBe(200);
    const more = await signIn("ann");
    const all = await withdrawSessions(bench.db, { name: nameOf("ann") }, { by: "cy" });
    expect(all.map((one) => one.id)).toEqual(expect.arrayContaining([more.slice(4, 16), desk.slice(4, 16)]));
    for (const cookie of [desk, more])
      await eventually("all are over", async () => (await browse("GET /v1/me", cookie)).status === 401);
    expect((await browse("GET /v1/me", bob)).status).toBe(200);
    expect((await ask(`DELETE /v1/sessions?name=${nameOf("ann")}`)).status).toBe(404);
    const entries = await readAudit(bench.db, { prompt: "", limit: 10 });
    const said = entries.filter(({ action }) => action === "session_ended");
    expect(said.map(({ principal, asserted }) => principal?.name ?? asserted)).toEqual([
      "root",
      ...all.map(() => "cy"),
    ]);
    expect(said[0]!.details).toEqual({ session: id, kind: "person", who: nameOf("ann") });
  });

  it("begins ten times a minute at most from one address", async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => askToSignIn()));
    expect(all.some(({ status }) => status === 429)).toBe(true);
  });
});

describe("a person whom a proxy has signed in", () => {
  const said = (more: Record<string, string> = {}) => ({
    "x-forwarded-user": "ann",
    "x-forwarded-groups": "staff, support",
    "sluice-proxy-secret": PROXY_SECRET,
    "sec-fetch-site": "same-origin",
    ...more,
  });
  const ask = (request: string, headers: Record<string, string>, body?: unknown) =>
    call(bench.server.url, request, { headers, body });

  it("is whom the proxy names, by the database's word of the server's, in as many requests as come", async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => ask("GET /v1/me", said())));
    for (const { body } of all)
      expect(body).toMatchObject({
        kind: "proxy",
        owner: "ann",
        role: "releaser",
        grants: { prompts: ["support/"] },
      });
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
    const file = { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "Hello" }] };
    const push = (headers: Record<string, string>) =>
      ask("POST /v1/prompts/support%2Fproxied/versions", headers, { file });
    expect((await push(said())).status).toBe(201);
    expect((await readAudit(bench.db, { prompt: "support/proxied", limit: 1 }))[0]!.principal).toMatchObject({
      kind: "proxy",
      name: "ann",
    });
    // Another site has the browser send it, through the same proxy.
    expect((await push(said({ "sec-fetch-site": "cross-site" }))).status).toBe(403);
    expect((await ask("GET /v1/me", said({ "x-forwarded-groups": "prompt-admins" }))).body.role).toBe(
      "admin",
    );
    expect((await ask("GET /v1/me", said({ "x-forwarded-groups": "" }))).status).toBe(403);
  });

  it("is nobody without the proxy's secret, and yields to a key", async () => {
    for (const secret of ["", "x", `${PROXY_SECRET}x`])
      expect((await ask("GET /v1/me", said({ "sluice-proxy-secret": secret }))).status, secret).toBe(401);
    const key = await bench.key({ role: "viewer", owner: "vi" });
    expect((await ask("GET /v1/me", said({ authorization: `Bearer ${key}` }))).body.owner).toBe("vi");
    expect(bench.log.join("")).not.toContain(PROXY_SECRET);
  });
});
