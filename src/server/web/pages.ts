import type { FastifyInstance, FastifyRequest } from "fastify";
import { openAssets } from "./assets.ts";
import { ASSET_HEADERS, PAGE_HEADERS } from "./headers.ts";
import { shellPage } from "./shell.ts";

/** Where programs ask; everything else is a page where a browser asks for one. */
const FOR_PROGRAMS = /^\/(v1|api|auth|assets)(\/|$)|^\/(healthz|readyz|openapi\.json)$/;

/** Puts the dashboard into the server: its files, and one page for all of its addresses. */
export function mountPages(app: FastifyInstance): void {
  const assets = openAssets();
  app.get("/assets/:name", { exposeHeadRoute: false }, async (request, reply) => {
    const { name } = request.params as { readonly name: string };
    const asset = (await assets()).files.get(name);
    if (!asset) return reply.callNotFound();
    const isZipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    return reply
      .headers({ ...ASSET_HEADERS, vary: "accept-encoding" })
      .headers(isZipped ? { "content-encoding": "gzip" } : {})
      .type(asset.type)
      .send(isZipped ? asset.gzipped : asset.body);
  });
  app.get("/*", { exposeHeadRoute: false }, async (request, reply) => {
    if (!asksForPage(request)) return reply.callNotFound();
    return reply
      .headers(PAGE_HEADERS)
      .type("text/html; charset=utf-8")
      .send(shellPage(await assets()));
  });
}

function asksForPage({ url, headers }: FastifyRequest): boolean {
  return !FOR_PROGRAMS.test(url.split("?", 1)[0]!) && /\btext\/html\b/.test(headers.accept ?? "");
}
