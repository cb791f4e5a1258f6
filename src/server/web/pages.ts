import type { FastifyInstance, FastifyRequest } from "fastify";
import { pageAt } from "../../domain/addresses/page-address.ts";
import { firstData } from "../../domain/addresses/first-data.ts";
import { sessionInCookie } from "../auth/session-cookie.ts";
import type { Parts } from "../parts.ts";
import { takes } from "../requests/zipped.ts";
import { openAssets } from "./assets.ts";
import { ASSET_HEADERS, PAGE_HEADERS } from "./headers.ts";
import { pageStatus } from "./page-status.ts";
import { shellPage } from "./shell.ts";

/** Where programs ask; everything else is a page where a browser asks for one. */
const FOR_PROGRAMS = /^\/(v1|api|auth|assets)(\/|$)|^\/(healthz|readyz|openapi\.json)$/;

/** Puts the dashboard into the server: its files, and one page for all of its addresses. */
export function mountPages(app: FastifyInstance, parts: Parts): void {
  const assets = openAssets();
  app.get("/assets/:name", { exposeHeadRoute: false }, async (request, reply) => {
    const { name } = request.params as { readonly name: string };
    const asset = (await assets()).files.get(name);
    if (!asset) return reply.callNotFound();
    const encoding = (["br", "gzip"] as const).find((one) => takes(one, request));
    return reply
      .headers({ ...ASSET_HEADERS, vary: "accept-encoding" })
      .headers(encoding ? { "content-encoding": encoding } : {})
      .type(asset.type)
      .send(encoding ? asset.zipped(encoding) : asset.body);
  });
  app.get("/*", { exposeHeadRoute: false }, async (request, reply) => {
    if (!asksForPage(request)) return reply.callNotFound();
    const [path = "", query] = request.url.split("?", 2);
    const route = pageAt(path);
    const shown = sessionInCookie(request.headers.cookie, parts.browsers);
    // Nobody else is answered.
    const data = typeof shown === "object" ? firstData(route, new URLSearchParams(query)) : [];
    return reply
      .code(await pageStatus(route, request, parts))
      .headers(PAGE_HEADERS)
      .type("text/html; charset=utf-8")
      .send(shellPage(await assets(), route.screen, data));
  });
}

function asksForPage({ url, headers }: FastifyRequest): boolean {
  return !FOR_PROGRAMS.test(pathOf(url)) && /\btext\/html\b/.test(headers.accept ?? "");
}

function pathOf(url: string): string {
  return url.split("?", 1)[0]!;
}
