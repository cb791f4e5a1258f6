import type { FastifyInstance } from "fastify";

const METHODS = "GET, POST, PUT, PATCH, DELETE";
const TAKEN =
  "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, x-request-id";
const SHOWN =
  "etag, idempotency-replayed, location, retry-after, sluice-rollout, www-authenticate, x-request-id";

/**
 * Lets pages of these origins ask, and read what they are answered. What is changed with a cookie is still taken from
 * the server's own pages alone.
 */
export function letOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const known = new Set(origins);
  app.addHook("onRequest", ({ method, headers }, reply, done) => {
    const { origin } = headers;
    // On the response itself, since some answers are written to it directly.
    reply.raw.setHeader("vary", "origin");
    if (origin === undefined || !known.has(origin)) return done();
    reply.raw.setHeader("access-control-allow-origin", origin);
    reply.raw.setHeader("access-control-allow-credentials", "true");
    if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) {
      reply.raw.setHeader("access-control-expose-headers", SHOWN);
      return done();
    }
    const answer = { "access-control-allow-methods": METHODS, "access-control-allow-headers": TAKEN };
    void reply
      .code(204)
      .headers({ ...answer, "access-control-max-age": "7200" })
      .send();
  });
}
