import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIdentitySettings } from "../../src/access/identity-settings.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import type { PlainRoute } from "../../src/server/route.ts";
import { ROUTES } from "../../src/server/route-table.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";
import { openTokenIssuer, PUBLIC_URL, type TokenIssuer } from "./support/token-issuer.ts";

const SEED = 20_261_129;
const REQUESTS = 1_500;
/** Nothing here takes a server so long that it could be told from one that hangs. */
const HANGS_MS = 20_000;

let bench: ServerBench;
let issuer: TokenIssuer;
let admin: string;
beforeAll(async () => {
  const most = 1_000_000;
  issuer = await openTokenIssuer();
  const settings: Record<string, string> = {
    SLUICE_PUBLIC_URL: PUBLIC_URL,
    SLUICE_WORKLOAD_ISSUERS: `github=${issuer.issuer}`,
    SLUICE_OIDC_ISSUER: issuer.issuer,
    SLUICE_OIDC_CLIENT_ID: "sluice",
    SLUICE_OIDC_ROLES: "roles",
  };
  const read = (name: string) => settings[name];
  bench = await openServer({
    limits: { read: most, write: most, heavy: most, serve: most, intake: most },
    identity: readIdentitySettings(read, read, readPermittedAddresses("127.0.0.1")),
    roles: { claim: "groups", roles: [{ value: "staff", role: "viewer", grants: {} }] },
  });
  admin = await bench.key({ role: "admin" });
  const file = { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "hello" }] };
  await call(bench.server.url, "POST /v1/prompts/a%2Fb/versions", { key: admin, body: { file } });
  const put = { label: "production", version: 1, expectedRevision: 0, force: true, reason: "first" };
  await call(bench.server.url, "PUT /v1/prompts/a%2Fb/labels", { key: admin, body: put });
});
afterAll(() => Promise.all([bench.close(), issuer.close()]));

/** Mulberry32: the same requests in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
/** As JSON texts, since not all of them are values that a program would write. */
const VALUES = [
  "null",
  "true",
  "-1",
  "0",
  "1e400",
  "1e308",
  "9007199254740993",
  '""',
  '" "',
  String.raw`"\u0000"`,
  String.raw`"\ud800"`,
  String.raw`"\u202etxt.exe"`,
  JSON.stringify("💥".repeat(2_000)),
  JSON.stringify("a".repeat(100_000)),
  '"../../../../etc/passwd"',
  '"file:///etc/passwd"',
  '"git:HEAD:package.json"',
  '"env:DATABASE_URL"',
  JSON.stringify("'; drop table sluice.keys; --"),
  '"%00%ff%zz"',
  "\"{{ constructor.constructor('return process')() }}\"",
  "[]",
  "{}",
  '{"__proto__":{"role":"admin"}}',
  '{"constructor":{"prototype":{}}}',
  '{"a":1,"a":2}',
  '{"$ref":"file:///etc/passwd"}',
  nested(60, "[", "]"),
  nested(100_000, "[", "]"),
  `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
];
const BODIES: readonly string[] = [
  JSON.stringify({ prompt: "a/b", unit: "u", variables: { name: "x" }, label: "production", tenant: "t" }),
  JSON.stringify({ scopes: [{ label: "production", prompt: "a/b", model: "", tenant: "" }], have: [] }),
  JSON.stringify({ exposures: [], outcomes: [] }),
  JSON.stringify({ items: [{ token: "x", metrics: { rating: 5 } }] }),
  JSON.stringify({ prompt: "a/b", reason: "worse", to: "a/b@1" }),
  JSON.stringify({ file: { model: "openai/x", messages: [{ role: "user", content: "hi" }] }, message: "m" }),
  JSON.stringify({ label: "beta", version: 1, reason: "r", expectedRevision: 0, force: true }),
  JSON.stringify({ prompt: "a/b", version: 1, policy: { gate: { dataset: "d" } }, dataset: [{ vars: {} }] }),
  JSON.stringify({ versionId: "00000000-0000-4000-8000-000000000000", variables: {} }),
];
const PARTS = ["a%2Fb", "a/b", "%00", "%ff", "%zz", "%2e%2e%2f", "x".repeat(600), "labels", "versions", "1"];

/** A request that somebody made up: a route of the table, or near one, with something wrong in one or more places. */
function madeUp(random: () => number) {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const route = one(ROUTES as unknown as readonly PlainRoute[]);
  const path = route.path.replaceAll(/:\w+/g, () => one(PARTS));
  const query = Array.from(
    { length: Math.floor(random() * 4) },
    () =>
      `${one(["prompt", "label", "cursor", "limit", "unit", "__proto__", "version"])}=${one([...PARTS, "", "1e9"])}`,
  );
  const body = one(BODIES);
  // Some value in it becomes a worse one.
  const places = [...body.matchAll(/:("[^"]*"|\d+|true|\[\]|\{\})/g)];
  const place = places[Math.floor(random() * places.length)];
  const worse = place
    ? `${body.slice(0, place.index + 1)}${one(VALUES)}${body.slice(place.index + place[0].length)}`
    : body;
  const sent = one([body, worse, worse, worse, worse.slice(0, -1), one(VALUES), `\ufeff${body}`]);
  const method = random() < 0.9 ? route.method : one(["GET", "POST", "PUT", "DELETE"]);
  const type =
    random() < 0.9
      ? "application/json"
      : one(["text/plain", "application/yaml", "application/json; charset=utf-16"]);
  const key =
    random() < 0.9 ? admin : one([`${admin.slice(0, -1)}_`, "slu_aaaaaaaaaaaa_x", "x".repeat(5_000)]);
  return {
    request: `${method} ${path}${query.length > 0 ? `?${query.join("&")}` : ""}`,
    init: {
      key,
      ...(method !== "GET" && { body: sent }),
      headers: {
        "content-type": type,
        ...(random() < 0.2 && { "idempotency-key": one(["k", "x".repeat(300), "a b"]) }),
      },
    },
  };
}

describe("requests that were made up to do harm", () => {
  it(`are each answered as described, without a failure of ours (${REQUESTS}, seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    const seen = new Map<number, number>();
    for (let n = 0; n < REQUESTS; n++) {
      const { request, init } = madeUp(random);
      if (/stream|events|changes/.test(request)) continue;
      const answered = call(bench.server.url, request, init, "manual");
      const hung = new Promise<"hung">((settle) => setTimeout(settle, HANGS_MS, "hung").unref());
      const called = await Promise.race([answered, hung]);
      const what = `${n}: ${request.slice(0, 200)} ${String(init.body).slice(0, 300)}`;
      if (called === "hung") throw new Error(`no answer: ${what}`);
      seen.set(called.status, (seen.get(called.status) ?? 0) + 1);
      // What needs a Temporal says so; everything else is the caller's fault, or done.
      if (called.status >= 500)
        expect(called.body, what).toMatchObject({ status: 503, error: { code: "unavailable" } });
      expect(JSON.stringify(called.body), what).not.toMatch(
        /\bat .*\.ts:\d+|node_modules|syntax error at or near|root:x:/,
      );
    }
    expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 404, 415]));
    expect((await call(bench.server.url, "GET /readyz")).status).toBe(200);
    expect(await verifyAudit(bench.db)).toMatchObject({ ok: true });
    expect(({} as { role?: unknown }).role).toBeUndefined();
  });

  it.each([
    [
      "two lengths",
      "POST /v1/resolve HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\n{}",
    ],
    [
      "a length and chunks",
      "POST /v1/resolve HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ["a header of 20 kB", `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(20_000)}\r\n\r\n`],
    ["a version that there is not", "GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n"],
    [
      "a header with a line end in it",
      "GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\nGET /healthz HTTP/1.1\r\n\r\n\r\n",
    ],
  ])("with %s get one refusal, and the connection is closed", async (_, text) => {
    const { hostname, port } = new URL(bench.server.url);
    const socket = connect(Number(port), hostname);
    let said = "";
    socket.setEncoding("latin1").on("data", (part: string) => (said += part));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).write(text);
    await closed;
    expect(said).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(said.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect((await call(bench.server.url, "GET /healthz")).status).toBe(200);
  });
});
