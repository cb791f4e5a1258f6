import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createSluice } from "../../../src/client/create-sluice.ts";
import type { Sluice } from "../../../src/client/sluice.ts";
import { SluiceError } from "../../../src/domain/errors.ts";

const KEY = "slu_abcdefghijkl_0123456789012345678901234567890123456789012345678";
const EMPTY = JSON.stringify({ items: [], next: null });

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server that answers one request after the other so, and the last one for good. */
async function serve(...answers: readonly Answer[]) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)]!;
    seen.push(request);
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const sluice = createSluice({ url, key: KEY });
  open.push(() => {
    void sluice.close();
    server.closeAllConnections();
    server.close();
  });
  return { url, sluice, seen };
}

const json =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);

const problem = (status: number, code: string, more: object = {}, headers = {}): Answer =>
  json(
    status,
    JSON.stringify({
      instance: "/v1/pointers",
      error: { code, message: "as it says", details: {}, ...more },
    }),
    headers,
  );

async function failure(work: (sluice: Sluice) => Promise<unknown>, sluice: Sluice): Promise<SluiceError> {
  const error: unknown = await work(sluice).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SluiceError);
  return error as SluiceError;
}

const pointers = (sluice: Sluice) => sluice.pointers();

describe("a program over a server", () => {
  it("shows its key as a bearer token, and nowhere else", async () => {
    const { sluice, seen } = await serve(json(200, EMPTY));
    expect(await sluice.pointers()).toEqual([]);
    expect(seen[0]!.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(seen[0]!.url).toBe("/v1/pointers");
    expect(JSON.stringify(sluice)).not.toContain(KEY);
  });

  it("asks again where the server was busy, when it says so", async () => {
    const { sluice, seen } = await serve(
      problem(503, "unavailable", {}, { "retry-after": "0" }),
      problem(429, "rate_limited", {}, { "retry-after": "0" }),
      json(200, EMPTY),
    );
    expect(await sluice.pointers()).toEqual([]);
    expect(seen).toHaveLength(3);
  });

  it("asks again where the answer was lost, under the same name", async () => {
    const lost: Answer = (request) => void request.socket.destroy();
    const { sluice, seen } = await serve(lost, json(200, '{"label":"beta","protected":true,"changed":true}'));
    await sluice.setLabel("beta", { protected: true, reason: "r" });
    const names = seen.map(({ headers }) => headers["idempotency-key"]);
    expect(names).toHaveLength(2);
    expect(names[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(names[1]).toBe(names[0]);
  });

  it("gives every request that changes something a name of its own", async () => {
    const { sluice, seen } = await serve(json(200, '{"label":"beta","protected":true,"changed":true}'));
    for (const isProtected of [true, false])
      await sluice.setLabel("beta", { protected: isProtected, reason: "r" });
    const names = seen.map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(names).size).toBe(2);
  });

  it.each([
    [400, "invalid_input", "invalid_input"],
    [403, "forbidden", "forbidden"],
    [404, "not_found", "not_found"],
    [409, "conflict", "conflict"],
    [409, "stale_evidence", "stale_evidence"],
    [412, "precondition_failed", "conflict"],
    [413, "too_large", "invalid_input"],
    [422, "key_reused", "conflict"],
    [500, "internal", "internal"],
  ])("says a refusal of %i %s as %s, with its words and details", async (status, code, said) => {
    const { sluice, seen } = await serve(problem(status, code, { details: { prompt: "p" } }));
    const error = await failure(pointers, sluice);
    expect(error).toMatchObject({ code: said, details: { prompt: "p" } });
    expect(error.message).toContain("as it says");
    expect(seen).toHaveLength(1);
  });

  it("does not follow a redirect, whose place would get the key", async () => {
    const other = await serve(json(200, EMPTY));
    const { sluice } = await serve((_, response) =>
      response.writeHead(302, { location: `${other.url}/v1/pointers` }).end(),
    );
    expect((await failure(pointers, sluice)).message).toContain("redirects (302)");
    expect(other.seen).toHaveLength(0);
  });

  it.each([
    [
      "an old server, which has no such route",
      json(
        404,
        JSON.stringify({ instance: "an address", error: { code: "not_found", message: "m", details: {} } }),
      ),
      "older than this Sluice",
    ],
    ["a relay, which does less", problem(501, "not_here"), "does less"],
    [
      "some other server",
      json(404, "<html>not found</html>"),
      "not as a Sluice server does; check the address",
    ],
    ["a proxy that is well while the server is not", json(502, "<html>"), "look at what stands before it"],
    ["a page for everything", json(200, "<html>hello</html>"), "something that is no JSON"],
    ["a wrong key", problem(401, "unauthenticated"), "does not know this key"],
  ])("says that it is %s", async (_, answer, said) => {
    const { sluice, url } = await serve(answer);
    const error = await failure(pointers, sluice);
    expect(error.message).toContain(said);
    expect(error.message).toContain(`the server at ${url}`);
    expect(error.message).not.toContain(KEY);
  });

  it("says nothing of its key where a server gives it back", async () => {
    const { sluice } = await serve(
      json(
        400,
        JSON.stringify({ error: { code: "invalid_input", message: `what is ${KEY}?`, details: { KEY } } }),
      ),
    );
    const error = await failure(pointers, sluice);
    expect(`${error.message}${JSON.stringify(error.details)}`).not.toContain(KEY);
  });

  it("says where it looked for a server that is not there", async () => {
    const { url, sluice } = await serve(json(200, EMPTY));
    open.splice(0).forEach((close) => close());
    const away = createSluice({ url, key: KEY });
    const error = await failure(pointers, away);
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
    expect(error.message).toMatch(/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
    void sluice;
  });

  it("refuses what was to be done as somebody else than the key's owner, before it is done", async () => {
    const { url, seen } = await serve(json(200, '{"owner":"ben"}'));
    const sluice = createSluice({ url, key: KEY, actor: "anna" });
    const error = await failure((one) => one.setLabel("beta", { protected: true, reason: "r" }), sluice);
    expect(error).toMatchObject({ code: "forbidden", details: { actor: "anna", owner: "ben" } });
    expect(seen.map(({ method }) => method)).toEqual(["GET"]);
    await sluice.close();
  });
});

describe("createSluice", () => {
  it.each([
    [{ url: "https://host", key: "k", databaseUrl: "postgres://host/db" }, "give one of them"],
    [{ url: "ftp://host", key: "k" }, "not a valid address"],
    [{ url: "https://host", key: "" }, "needs a key"],
    [{ databaseUrl: "" }, "needs a databaseUrl"],
  ])("refuses %j", (options, said) => {
    expect(() => createSluice(options as never)).toThrow(said);
  });

  it("takes the key from the address too, and tells nobody", () => {
    const sluice = createSluice({ url: `https://${KEY}@host/base/`, key: "" });
    expect(sluice.where).toBe("the server at https://host/base");
  });
});
