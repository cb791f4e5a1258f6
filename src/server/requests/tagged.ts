import { hash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { hasAlready } from "./has-already.ts";

/**
 * Tags what is read with a digest of its text, weakly, where it has no tag of its own: whoever reads it again and again
 * and says what they have (`If-None-Match`) is sent nothing twice.
 */
export function tagAnswers(app: FastifyInstance): void {
  app.addHook("onSend", ({ method, headers }, reply, payload, done) => {
    const isRead = (method === "GET" || method === "HEAD") && reply.statusCode === 200;
    if (!isRead || typeof payload !== "string" || reply.hasHeader("etag")) return done();
    const etag = `W/"${hash("sha1", payload, "base64url")}"`;
    reply.header("etag", etag);
    if (!hasAlready(headers["if-none-match"], etag)) return done();
    reply.code(304).removeHeader("content-type");
    return done(null, "");
  });
}
