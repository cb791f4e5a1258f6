import fastify from "fastify";
import { expect, it } from "vitest";
import { RequestLog } from "../../../src/server/requests/request-log.ts";

/** What is logged of some requests, and what more when the server closes. */
async function logged(all: boolean, asked: readonly string[]) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log = new RequestLog((message, fields) => void lines.push({ message, ...fields }), all);
  const app = fastify();
  app.decorateRequest("caller", undefined);
  app.addHook("onResponse", (request, reply, done) => {
    log.answered(request, reply);
    done();
  });
  app.get<{ Params: { status: string } }>(
    "/served/:status",
    { config: { counted: true } },
    ({ params }, reply) => reply.code(Number(params.status)).send(),
  );
  app.get("/changed", (_, reply) => reply.send());
  for (const url of asked) await app.inject({ url, headers: { traceparent: `00-${"a".repeat(32)}-b-01` } });
  const told = lines.map(({ message, route, status, traceId }) => [route, status, traceId, message]);
  lines.length = 0;
  log.close();
  await app.close();
  return {
    told,
    counts: lines.map(({ message: _, meanMs, ...rest }) => ({ ...rest, timed: Number(meanMs) >= 0 })),
  };
}

const ASKED = ["/served/200", "/served/304", "/served/404", "/served/200", "/changed"];

it("counts what was served well, and has a line for each refusal and each other request", async () => {
  const { told, counts } = await logged(false, ASKED);
  expect(told).toEqual([
    ["/served/:status", 404, "a".repeat(32), "GET /served/:status 404"],
    ["/changed", 200, "a".repeat(32), "GET /changed 200"],
  ]);
  expect(counts).toEqual([{ method: "GET", route: "/served/:status", requests: 3, timed: true }]);
});

it("has a line for each request where that is asked for", async () => {
  const { told, counts } = await logged(true, ASKED);
  expect(told.map(([, status]) => status)).toEqual([200, 304, 404, 200, 200]);
  expect(counts).toEqual([]);
});
