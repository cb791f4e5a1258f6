import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import type { ProxySettings } from "../../src/providers/proxy-settings.ts";
import { chatAnswer, wireServer } from "./wire-server.ts";

/** A proxy on this machine that takes every connection to `port`, whatever host is asked for, and notes what it saw. */
async function localProxy(port: number) {
  const seen: string[] = [];
  const heads: string[] = [];
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const { method, headers } = incoming;
    const path = new URL(incoming.url!).pathname;
    const onward = httpRequest({ port, host: "127.0.0.1", method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.on("connect", (incoming, socket, head) => {
    seen.push(`CONNECT ${incoming.url}`);
    heads.push(JSON.stringify(incoming.headers));
    if (incoming.url!.endsWith(":443")) return socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    seen,
    heads,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function ask(baseURL: string, proxy: ProxySettings) {
  const providers = createProviders({ openai: { apiKey: "sk-own", baseURL }, proxy, maxRetries: 0 });
  const target = { provider: "openai", model: "gpt-4.1" } as const;
  return providers.complete({ target, request: { messages: [{ role: "user", content: "hi" }] } });
}

describe("model calls where the environment names a proxy", () => {
  it("go through it", async () => {
    await using wire = await wireServer(chatAnswer("hello"));
    await using proxy = await localProxy(Number(new URL(wire.url).port));
    const answer = await ask("http://models.example:8000/v1", { http: proxy.url });
    expect(answer.text).toBe("hello");
    expect(proxy.seen).toHaveLength(1);
    expect(proxy.seen[0]).toContain("models.example:8000");
  });

  it("go by a tunnel to an address over TLS, so that the proxy is not told the key", async () => {
    await using wire = await wireServer(chatAnswer("hello"));
    await using proxy = await localProxy(Number(new URL(wire.url).port));
    await expect(ask("https://models.example/v1", { https: proxy.url })).rejects.toThrow(/openai/);
    expect(proxy.seen).toEqual(["CONNECT models.example:443"]);
    expect(proxy.heads.join()).not.toContain("sk-own");
  });

  it("reach this machine and what NO_PROXY lists directly", async () => {
    await using wire = await wireServer(chatAnswer("hello"));
    await using proxy = await localProxy(1);
    expect((await ask(`${wire.url}/v1`, { http: proxy.url, https: proxy.url })).text).toBe("hello");
    const local = wire.url.replace("127.0.0.1", "localhost");
    expect((await ask(`${local}/v1`, { http: proxy.url, except: "other.example" })).text).toBe("hello");
    expect(proxy.seen).toEqual([]);
  });

  it("know it from HTTPS_PROXY, HTTP_PROXY and NO_PROXY; what is no address is refused without being repeated", () => {
    expect(readConfig({ HTTPS_PROXY: "proxy.example:8080", NO_PROXY: "a.example" }, "/").proxy).toEqual({
      http: undefined,
      https: "http://proxy.example:8080/",
      except: "a.example",
    });
    expect(readConfig({ NO_PROXY: "a.example" }, "/").proxy).toBeUndefined();
    const bad = () => readConfig({ https_proxy: "socks5://user:PASSWORD@h:1" }, "/");
    expect(bad).toThrow("https_proxy is not an address of a proxy; write http://HOST:PORT");
  });
});
