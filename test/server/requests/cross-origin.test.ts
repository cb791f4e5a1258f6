import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCorsOrigins } from "../../../src/access/cors-origins.ts";
import { SluiceError } from "../../../src/domain/errors.ts";
import { createApplication } from "../../../src/server/application.ts";
import { writtenJson } from "../../../src/server/route.ts";
import { sendWritten } from "../../../src/server/send-written.ts";

const OURS = "https://app.example";
const PREFLIGHT = { "access-control-request-method": "PUT", "access-control-request-headers": "if-match" };

let app: ReturnType<typeof createApplication>;
let url: string;
beforeAll(async () => {
  app = createApplication({
    log: () => undefined,
    corsOrigins: readCorsOrigins(`${OURS} http://localhost:5173`),
  });
  app.get("/long", (_, reply) => reply.send("a".repeat(2_000)));
  app.get("/written", (request, reply) => {
    sendWritten(reply.hijack().raw, request.id, writtenJson("{}"));
    return reply;
  });
  app.get("/refused", () => Promise.reject(new SluiceError("forbidden", "not you")));
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

const ask = async (path: string, origin: string, method = "GET", headers = {}) => {
  const answer = await fetch(`${url}${path}`, { method, headers: { origin, ...headers } });
  await answer.arrayBuffer();
  const [allowed, vary] = ["access-control-allow-origin", "vary"].map((name) => answer.headers.get(name));
  return { status: answer.status, allowed, vary, headers: answer.headers };
};

describe("pages of other sites", () => {
  it.each([
    ["/long", 200],
    ["/written", 200],
    ["/refused", 403],
    ["/nowhere", 404],
  ])("read %s where they were let in, and else nothing", async (path, status) => {
    expect(await ask(path, OURS)).toMatchObject({ status, allowed: OURS });
    for (const other of ["https://app.example.evil", "null", "http://app.example", "http://localhost:51730"])
      expect(await ask(path, other)).toMatchObject({ status, allowed: null });
    // What one of them was answered is kept by no cache for another.
    expect((await ask(path, "https://other.example")).vary).toMatch(/^origin\b/);
  });

  it("are told what they may send, and nobody else is", async () => {
    const { status, headers } = await ask("/written", OURS, "OPTIONS", PREFLIGHT);
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-methods")).toContain("PUT");
    expect(headers.get("access-control-allow-headers")).toContain("if-match");
    const other = await ask("/written", "https://evil.example", "OPTIONS", PREFLIGHT);
    expect(other).toMatchObject({ status: 404, allowed: null });
  });

  it.each(["*", "app.example", "https://app.example/", "https://app.example/a", "https://*.example", "null"])(
    "cannot be named as %s",
    (text) => {
      expect(() => readCorsOrigins(text)).toThrow(/^SLUICE_CORS_ORIGINS is a list of origins, as in https:/);
    },
  );
});
