import { createServer, type AddressInfo, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { temporalSettings, withTemporal } from "../../src/temporal/connect.ts";
import { temporalUnreachable } from "../../src/temporal/temporal-error.ts";
import { startRefusingTemporal } from "../support/refusing-temporal.ts";

const PEM = readFileSync(new URL("../fixtures/self-signed.pem", import.meta.url), "utf8");
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const said = async (address: string, tls?: unknown) =>
  (await temporalUnreachable({ address, namespace: "default", tls }, new Error("deadline"))).message;

describe("a Temporal that cannot be reached is named with the cause", () => {
  it("nothing is there", async () => {
    expect(await said("127.0.0.1:1")).toContain(
      "cannot be reached: nothing listens there (ECONNREFUSED); start it",
    );
  });

  it("one side speaks TLS and the other does not", async () => {
    const plain = await listening(
      createServer((socket) => socket.on("error", () => 0).end("HTTP/1.1 400 Bad\r\n\r\n")),
    );
    expect(await said(plain, {})).toMatch(/TLS with it fails: .*; without TLS, unset TEMPORAL_TLS/);
    expect(await said(plain)).toContain("something answers there, but not as Temporal does");
    const secure = await listening(
      createTlsServer({ cert: PEM, key: PEM }, (socket) => socket.on("error", () => 0)),
    );
    expect(await said(secure)).toContain("it speaks TLS, and TEMPORAL_TLS is not set");
    expect(await said(secure, {})).toContain("TLS with it fails: DEPTH_ZERO_SELF_SIGNED_CERT");
  });
});

describe("a Temporal that repeats the key it was sent", () => {
  const KEY = "tmprl_canary_5f2c9e7d1b";
  it.concurrent.each([
    [7, "forbidden"],
    [16, "forbidden"],
    [14, "unavailable"],
  ] as const)("is not repeated by us (status %i), and what is wrong is told", async (status, code) => {
    const environment = {
      TEMPORAL_ADDRESS: await startRefusingTemporal(status),
      TEMPORAL_API_KEY: KEY,
      TEMPORAL_TLS: "false",
    };
    const error: unknown = await withTemporal({ environment }, (client) =>
      client.workflow.getHandle("rollout:x").describe(),
    ).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code });
    expect(inspect(error, { depth: 10 })).not.toContain(KEY);
  });
});

describe("settings of Temporal that cannot be used", () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      "an address with a scheme",
      { TEMPORAL_ADDRESS: "http://SECRET@localhost:7233" },
      /must be host:port, without http:\/\//,
    ],
    ["an address with a path", { TEMPORAL_ADDRESS: "localhost:7233/SECRET" }, /must be host:port/],
    ["a port that is none", { TEMPORAL_ADDRESS: "localhost:SECRET" }, /must be host:port/],
    [
      "a profile that is not there",
      { TEMPORAL_PROFILE: "nope" },
      /settings cannot be used \(Profile 'nope' not found.*check TEMPORAL_PROFILE/,
    ],
    [
      "a certificate that is not there",
      { TEMPORAL_TLS: "true", TEMPORAL_TLS_CLIENT_CERT_PATH: "/nope" },
      /settings cannot be used \(ENOENT/,
    ],
  ])("are refused in one line: %s", (_, environment, message) => {
    const read = () => temporalSettings({ environment });
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: "invalid_input" }));
    expect(read).not.toThrow("SECRET");
  });
});
