import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import { postJson } from "../../src/outbound/post-json.ts";

let server: Server;
let port: number;
const heard: { request: IncomingMessage; body: string }[] = [];
let connections = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      heard.push({ request, body });
      if (request.url === "/moved") response.writeHead(302, { location: "/" }).end();
      else response.writeHead(request.url!.startsWith("/no") ? 500 : 200).end("x".repeat(1000));
    });
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());

function post(url: string, allow: string, resolve?: (host: string) => Promise<string[]>) {
  heard.length = connections = 0;
  return postJson({
    url: new URL(url.replace("PORT", String(port))),
    headers: { "idempotency-key": "one" },
    body: '{"a":"ü"}',
    signal: AbortSignal.timeout(5_000),
    permitted: readPermittedAddresses(allow),
    what: "webhook",
    ...(resolve && { resolve }),
  });
}

describe("a post to an address that a policy names", () => {
  it("arrives whole where it is allowed, by address and by name", async () => {
    await post("http://127.0.0.1:PORT/x?y=1", "127.0.0.1");
    expect(heard).toHaveLength(1);
    expect(heard[0]!.body).toBe('{"a":"ü"}');
    expect(heard[0]!.request.headers).toMatchObject({ "idempotency-key": "one", "content-length": "10" });
    await post("http://localhost:PORT/", "localhost", async () => ["127.0.0.1"]);
    expect(heard).toHaveLength(1);
  });

  it("is refused before any connection where its name, or one address of it, is not of the internet", async () => {
    for (const [url, addresses] of [
      ["http://127.0.0.1:PORT/SECRET", undefined],
      ["http://[::ffff:127.0.0.1]:PORT/SECRET", undefined],
      ["http://2130706433:PORT/SECRET", undefined],
      ["http://0.0.0.0:PORT/SECRET", undefined],
      ["http://hooks.example:PORT/SECRET", ["127.0.0.1"]],
      ["http://hooks.example:PORT/SECRET", ["1.1.1.1", "169.254.169.254"]],
    ] as const) {
      const error = await post(url, "10.0.0.0/8", addresses && (async () => [...addresses])).catch(
        (one: Error) => one,
      );
      expect(error).toMatchObject({ code: "forbidden" });
      expect((error as Error).message).toMatch(
        /^webhook http:\/\/\S+ leads to a [a-z-]+ address, where nothing is sent; .*SLUICE_ALLOW_ADDRESSES=/,
      );
      expect(JSON.stringify([(error as Error).message, error])).not.toContain("SECRET");
    }
    expect(connections).toBe(0);
  });

  it("goes to the address that was looked at, whatever the name leads to by then", async () => {
    let asked = 0;
    await post("http://rebinding.invalid:PORT/", "127.0.0.1", async () => {
      asked += 1;
      return asked === 1 ? ["127.0.0.1"] : ["169.254.169.254"];
    });
    expect([asked, heard.length]).toEqual([1, 1]);
    expect(heard[0]!.request.headers.host).toBe(`rebinding.invalid:${port}`);
  });

  it("follows no redirect, and says what is wrong with the origin alone", async () => {
    await expect(post("http://127.0.0.1:PORT/moved", "127.0.0.1")).rejects.toThrow(
      `webhook http://127.0.0.1:${port} answered 302, another address; redirects are not followed`,
    );
    expect(heard).toHaveLength(1);
    await expect(post("http://127.0.0.1:PORT/no?SECRET=1", "127.0.0.1")).rejects.toThrow(
      new RegExp(`^webhook http://127\\.0\\.0\\.1:${port} answered 500$`),
    );
  });
});
