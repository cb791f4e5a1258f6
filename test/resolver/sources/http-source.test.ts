import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResolver, MemorySource, type Resolver } from "../../../src/resolver/index.ts";
import { readEvents } from "../../../src/resolver/sources/event-stream.ts";
import { HttpSource } from "../../../src/resolver/sources/http.ts";
import { artifact } from "../support/artifacts.ts";
import { eventually } from "../support/eventually.ts";
import { serveSource } from "../support/source-server.ts";

const SCOPE = { label: "production", prompt: "greeting" };

describe("a resolver on a server", () => {
  let memory: MemorySource;
  let server: Awaited<ReturnType<typeof serveSource>>;
  let resolver: Resolver;
  let one: string;
  let two: string;

  beforeEach(async () => {
    memory = new MemorySource();
    one = memory.addVersion("greeting", artifact("Hello"));
    two = memory.addVersion("greeting", artifact("Good day"));
    memory.setPointer(SCOPE, { active: one });
    server = await serveSource(memory, "secret");
    resolver = await createResolver({
      source: server.url,
      preload: ["greeting"],
      pollMs: 4_000,
      onWarning: () => undefined,
    });
  });
  afterEach(async () => {
    await resolver.close();
    await server.close();
  });

  const served = () => resolver.resolveSync({ prompt: "greeting" }).versionId;

  it("serves a move that the server tells of", async () => {
    expect(served()).toBe(one);
    memory.setPointer(SCOPE, { active: two });
    await eventually("version 2 is served", () => served() === two, 1_500);
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("memory");
  });

  it("opens a stream that has ended again, and looks for what it missed", async () => {
    server.endStreams();
    memory.setPointer(SCOPE, { active: two });
    await eventually("version 2 is served", () => served() === two, 1_500);
    memory.setPointer(SCOPE, { active: one });
    await eventually("version 1 is served", () => served() === one, 1_500);
    expect(resolver.metrics().unreachable).toBe(false);
  });

  it("sends what is recorded", async () => {
    resolver.record(resolver.resolveSync({ prompt: "greeting" }), { metrics: { rating: 5 } });
    await resolver.flush();
    expect(memory.outcomes).toMatchObject([{ version: one, metrics: { rating: 5 } }]);
  });

  it("never has its key in a message", async () => {
    const source = new HttpSource(server.url);
    expect(source.name).not.toContain("secret");
    await source.close();
  });

  it("never has its key in a message, not even where a server sends the request back", async () => {
    const key = "sk-server-0123456789";
    const echo = createServer((request, response) =>
      response.writeHead(request.url === "/v1/outcomes" ? 400 : 403).end(JSON.stringify(request.headers)),
    );
    await new Promise<void>((listening) => echo.listen(0, "127.0.0.1", listening));
    const source = new HttpSource(`http://${key}@127.0.0.1:${(echo.address() as { port: number }).port}`);
    for (const asked of [
      () => source.read({ scopes: [], have: [] }),
      () => source.readVersion({ id: "x" }),
      () => source.record("{}"),
      () => source.reportServing("{}"),
    ]) {
      const error = (await asked().catch((thrown: unknown) => thrown)) as Error;
      expect(error.message).toMatch(/40[03]: .*Bearer \[secret removed\]/);
    }
    await source.close();
    echo.close();
  });
});

describe("a server that is none of ours", () => {
  it.each([
    ["a key it does not know", 401, "no such key", "answered 401: no such key"],
    ["something else", 200, "<html>", "is not valid JSON"],
    ["another shape", 200, "{}", "something else than pointers and versions"],
    ["an error", 500, "out of order", "answered 500: out of order"],
  ])("answers with %s, and is said to be away", async (_, status, body, message) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as { port: number };
    const messages: string[] = [];
    const resolver = await createResolver({
      source: `http://127.0.0.1:${port}`,
      preload: ["greeting"],
      onWarning: (warning) => messages.push(warning.message),
    });
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("fallback");
    await eventually("it is said", () => messages.join("\n").includes(message));
    expect(messages.join("\n")).toContain("the server at http://127.0.0.1");
    await resolver.close();
    server.close();
    server.closeAllConnections();
  });
});

describe("an event stream", () => {
  const events = async (...chunks: string[]) => {
    const encoder = new TextEncoder();
    async function* body() {
      for (const chunk of chunks) yield encoder.encode(chunk);
    }
    const read = [];
    for await (const event of readEvents(body())) read.push(event);
    return read;
  };

  it("is read whatever its chunks and line ends are", async () => {
    const text =
      ': hello\n\nevent: pointer\r\ndata: {"a":1}\r\n\r\ndata: one\ndata: two\n\nevent: lonely\n\ndata: rest';
    const expected = [
      { event: "pointer", data: '{"a":1}' },
      { event: "message", data: "one\ntwo" },
    ];
    expect(await events(text)).toEqual(expected);
    expect(await events(...text)).toEqual(expected);
  });

  it("does not fill memory with a line that never ends", async () => {
    await expect(events("data: ", "x".repeat(600_000), "x".repeat(600_000))).rejects.toThrow("too long");
  });
});
