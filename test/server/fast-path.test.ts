import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FastPath, leftByFastPath } from "../../src/server/fast-path.ts";
import type { KnownInputs } from "../../src/server/requests/known-inputs.ts";
import { RequestLog } from "../../src/server/requests/request-log.ts";
import { type JsonRoute, type WrittenAnswer, writtenJson } from "../../src/server/route.ts";
import type { ServingParts } from "../../src/server/serving-parts.ts";
import { eventually } from "../resolver/support/eventually.ts";

const BODY = '{"a":1}';
const CALLER = { key: { account: "ann", role: "resolver" } };
/** What took the usual path: the body that it could read, and what was thrown before it. */
let usual: { body: string; left: boolean; error: unknown }[];
let lines: unknown[];
let closing: AbortController;
let server: Server;
let log: RequestLog;

beforeEach(() => {
  usual = [];
  lines = [];
  closing = new AbortController();
  log = new RequestLog((_, fields) => void lines.push(fields), false);
  server = createServer((request, response) => {
    const left = leftByFastPath(request);
    void text(request).then((body) => {
      usual.push({ body, left: left !== undefined, error: left?.error });
      response.end("usual");
    });
  });
});
afterEach(() => {
  log.close();
  server.close();
});

async function serve(answers: Pick<JsonRoute, "atOnce" | "soon">, allowed = 10): Promise<void> {
  let asked = 0;
  const parts = {
    closing: closing.signal,
    callers: { find: (header: string | undefined) => (header === "Bearer good" ? CALLER : undefined) },
    limits: { take: () => (asked++ < allowed ? undefined : 1) },
  } as unknown as ServingParts;
  const input = { params: undefined, query: undefined, body: { a: 1 } };
  const inputs = {
    find: (known: string) => (known === BODY || known === "/v1/it" ? { input } : undefined),
  } as KnownInputs;
  const fast = new FastPath(server, log);
  for (const method of ["GET", "POST"] as const) {
    const route = {
      method,
      path: "/v1/it",
      allow: { permission: "serve", places: "filtered" },
      limit: "serve",
    };
    fast.add({ route: { ...route, ...answers } as unknown as JsonRoute, parts, inputs });
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/it`;

async function ask(method: "GET" | "POST", { body = BODY, key = "good" } = {}): Promise<string> {
  const response = await fetch(url(), {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(method === "POST" && { "content-type": "application/json" }),
    },
    ...(method === "POST" && { body }),
  });
  return response.text();
}

const quick = (): WrittenAnswer => writtenJson('"quick"');

describe("the fast path", () => {
  it("answers what memory can answer, before the router hears of it, and counts it", async () => {
    await serve({ atOnce: quick });
    expect([await ask("GET"), await ask("POST")]).toEqual(['"quick"', '"quick"']);
    expect(usual).toEqual([]);
    log.close();
    expect(lines).toMatchObject(["GET", "POST"].map((method) => ({ method, route: "/v1/it", requests: 1 })));
  });

  it("leaves whom and what it does not know as it came, and whoever asks too much", async () => {
    await serve({ atOnce: quick }, 0);
    await ask("GET", { key: "other" });
    await ask("POST", { key: "other" });
    await ask("POST", { body: '{"b":2}' });
    await ask("POST");
    expect(usual.map(({ body, left }) => [body, left])).toEqual([
      ["", false],
      [BODY, false],
      ['{"b":2}', false],
      [BODY, false],
    ]);
  });

  it("leaves everything once the server is closing", async () => {
    await serve({ atOnce: quick });
    closing.abort();
    expect([await ask("GET"), await ask("POST")]).toEqual(["usual", "usual"]);
  });

  it("leaves what it has begun with its body, and says what it has come to", async () => {
    const error = new Error("no such place");
    let answer: () => WrittenAnswer | undefined = () => undefined;
    await serve({ atOnce: () => answer() });
    await ask("POST");
    answer = () => {
      throw error;
    };
    await ask("POST");
    await ask("POST", { body: '{"b":2}' });
    expect(usual).toEqual([
      { body: BODY, left: true, error: undefined },
      { body: BODY, left: true, error },
      { body: '{"b":2}', left: true, error: undefined },
    ]);
  });

  it("waits for an answer that comes soon; one that fails is the usual path's to tell", async () => {
    const error = new Error("the store is away");
    let fails = false;
    await serve({ soon: async () => (fails ? Promise.reject(error) : quick()) });
    expect(await ask("POST")).toBe('"quick"');
    fails = true;
    expect(await ask("POST")).toBe("usual");
    expect(usual).toEqual([{ body: BODY, left: true, error }]);
  });

  it("goes on with the connection, and waits for no body that is late", async () => {
    await serve({ atOnce: quick });
    let heads = 0;
    server.on("request", () => heads++);
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, "127.0.0.1").setNoDelay(true);
    let got = "";
    socket.setEncoding("utf8").on("data", (part) => (got += part));
    const head = `POST /v1/it HTTP/1.1\r\nhost: a\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n`;
    socket.write(`${head}${BODY}${head}${BODY}`);
    await eventually("both are answered", () => got.split('"quick"').length === 3);
    socket.write(head);
    await eventually("the head has come", () => heads === 3);
    socket.write(BODY);
    await eventually("it is answered", () => got.includes("usual"));
    expect(usual).toEqual([{ body: BODY, left: true, error: undefined }]);
    socket.destroy();
  });
});
