import { pipeline, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import type { preParsingAsyncHookHandler, RequestPayload } from "fastify";
import { RequestRefused } from "../requests/problem.ts";

/**
 * Lets a body come gzipped, of `most` bytes as it is sent, gzipped or not. What it is then is read as it comes out, and
 * bounded by the route's own limit: nothing of a bomb is kept.
 */
export function inflate(most: number): preParsingAsyncHookHandler {
  return async (request, _reply, payload) => {
    const encoding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
    if (encoding !== "gzip" && encoding !== "identity")
      throw new RequestRefused("unsupported", "this content encoding is not taken here; send gzip, or none");
    const out: RequestPayload = encoding === "gzip" ? createGunzip() : passOn();
    // What Content-Length is held against.
    out.receivedEncodedLength = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        out.receivedEncodedLength! += chunk.length;
        if (out.receivedEncodedLength! <= most) return done(null, chunk);
        return done(Object.assign(new Error("the body is too large"), { statusCode: 413 }));
      },
    });
    pipeline(payload, counted, out as Transform, () => undefined);
    return out;
  };
}

function passOn(): Transform {
  return new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
}
