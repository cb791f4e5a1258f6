import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIdentitySettings } from "../../src/access/identity-settings.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import type { PlainRoute } from "../../src/server/route.ts";
import { ROUTES } from "../../src/server/route-table.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { call } from "./support/checked-call.ts";
import { attack, TOLD_TO_NOBODY } from "./support/hostile-requests.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";
import { openTokenIssuer, PUBLIC_URL, type TokenIssuer } from "./support/token-issuer.ts";

const SEED = 20_261_129;
const REQUESTS = 1_500;

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

describe("requests that were made up to do harm", () => {
  it(`are each answered as described, without a failure of ours (${REQUESTS}, seed ${SEED})`, async () => {
    const seen = new Map<number, number>();
    const attacked = { routes: ROUTES as unknown as readonly PlainRoute[], key: admin };
    const sent = attack({ ...attacked, count: REQUESTS, seed: SEED }, (request, init) =>
      call(bench.server.url, request, init, "manual"),
    );
    for await (const { answered: called, what } of sent) {
      seen.set(called.status, (seen.get(called.status) ?? 0) + 1);
      // What needs a Temporal says so; everything else is the caller's fault, or done.
      if (called.status >= 500)
        expect(called.body, what).toMatchObject({ status: 503, error: { code: "unavailable" } });
      expect(JSON.stringify(called.body), what).not.toMatch(TOLD_TO_NOBODY);
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
