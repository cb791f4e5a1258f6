import { gzip } from "node:zlib";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** What is shorter fits into one packet as it is. */
const LEAST_LENGTH = 1_400;
/** More takes much longer, and makes little of lists smaller. */
const LEVEL = 5;

export type Encoding = "br" | "gzip";

const TAKEN: Readonly<Record<Encoding, RegExp>> = {
  br: /\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i,
  gzip: /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i,
};

/** Whether whoever asks takes an answer in this encoding. */
export function takes(encoding: Encoding, { headers }: Pick<FastifyRequest, "headers">): boolean {
  return TAKEN[encoding].test(String(headers["accept-encoding"] ?? ""));
}

/**
 * Sends long answers gzipped to whoever takes that, made beside the event loop. What is served from memory and what is
 * streamed does not come by here.
 */
export function zipLongAnswers(app: FastifyInstance): void {
  app.addHook("onSend", (request, reply, payload, done) => {
    if (typeof payload !== "string" || payload.length < LEAST_LENGTH) return done();
    const varied = reply.raw.getHeader("vary");
    reply.header("vary", varied === undefined ? "accept-encoding" : `${String(varied)}, accept-encoding`);
    if (!takes("gzip", request)) return done();
    gzip(payload, { level: LEVEL }, (error, zipped) => {
      if (error) return done(error);
      reply.header("content-encoding", "gzip");
      return done(null, zipped);
    });
  });
}
