import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { assertMayAsk, assertMayThere } from "./auth/authorise.ts";
import { authenticate } from "./auth/authenticate.ts";
import { assertOwnPage } from "./auth/own-page.ts";
import { idempotencyKeyOf, once } from "./idempotency.ts";
import type { Parts } from "./parts.ts";
import { tooMany } from "./problem.ts";
import { readInput } from "./read-input.ts";
import { isStream, type AnyRoute, type Caller, type PlainRoute, RAW_JSON } from "./route.ts";
import { inflate } from "./telemetry/inflate.ts";
import { ProtobufBody } from "./telemetry/protobuf-body.ts";
import { YamlBody } from "./yaml-body.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The body is passed on as text. */
    raw?: boolean;
    /** A body in YAML is passed on as text. */
    yaml?: boolean;
    /** A body in protobuf is passed on as bytes. */
    protobuf?: boolean;
  }
  interface FastifyRequest {
    /** Undefined on a route for everybody. */
    caller: Caller | undefined;
  }
}

/** Puts a route of the table into the server. Who asks is known before a byte of the body is read. */
export function mount(app: FastifyInstance, given: AnyRoute, parts: Parts): void {
  const route = given as unknown as PlainRoute;
  app.route({
    method: route.method,
    url: route.path,
    exposeHeadRoute: false,
    ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
    ...(route.sentLimit !== undefined && { preParsing: inflate(route.sentLimit) }),
    config: {
      raw: "body" in route && route.body === RAW_JSON,
      yaml: "takesYaml" in route && route.takesYaml === true,
      protobuf: "takesProtobuf" in route && route.takesProtobuf === true,
    },
    onRequest: async (request, reply) => {
      if (route.fromBrowsers) reply.headers(ANY_ORIGIN);
      request.caller = await callerOf(route, request, parts);
    },
    handler: (request, reply) => answer(route, request, reply, parts),
  });
  if (route.fromBrowsers) app.options(route.path, (request, reply) => answerPreflight(route, request, reply));
}

/** Without credentials: what a page's own user is signed in to is nothing that another page can use. */
const ANY_ORIGIN = { "access-control-allow-origin": "*" };
const HEADER_NAMES = /^[a-z0-9-]+(?: *, *[a-z0-9-]+)*$/i;

function answerPreflight(route: PlainRoute, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = single(headers["access-control-request-headers"]) ?? "";
  return reply
    .code(204)
    .headers({
      ...ANY_ORIGIN,
      "access-control-allow-methods": route.method,
      "access-control-max-age": "7200",
    })
    .headers(HEADER_NAMES.test(asked) ? { "access-control-allow-headers": asked } : {})
    .send();
}

async function callerOf(
  route: PlainRoute,
  request: FastifyRequest,
  parts: Parts,
): Promise<Caller | undefined> {
  if (route.allow === "anybody" || route.allow === "sign-in") return undefined;
  const { headers, ip: address, socket } = request;
  const { fromBrowsers } = route;
  const shown = { headers, address, peer: socket.remoteAddress, fromBrowsers };
  const caller = await authenticate(parts, shown);
  if (caller.byBrowser) assertOwnPage(request.method, request.headers, parts.browsers);
  const wait = parts.limits.take(caller.key.account, route.limit);
  if (wait !== undefined) throw tooMany("this key has sent too many requests of this kind; wait", wait);
  if (route.allow !== "any key") assertMayAsk(caller, route.allow);
  return caller;
}

async function answer(
  route: PlainRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: Parts,
): Promise<FastifyReply> {
  const { caller } = request;
  const input = readInput(route, request) as never;
  if (typeof route.allow === "object" && route.allow.places !== "filtered") {
    await assertMayThere(parts, caller!, route.allow, await route.allow.places(input, parts));
  }
  const allowed: object = {
    ...(input as object),
    caller,
    parts,
    requestId: request.id,
    address: request.ip,
    idempotencyKey: idempotencyKeyOf(request),
    yaml: request.body instanceof YamlBody ? request.body.text : undefined,
    headers: request.headers,
    protobuf: request.body instanceof ProtobufBody ? request.body.bytes : undefined,
    header: (name: string) => single(request.headers[name]),
    signal: abandoned(reply),
  };
  if (isStream(route)) {
    reply.hijack();
    route.open(allowed as never, reply.raw);
    return reply;
  }
  const { status, body, headers } = await once(route, request, caller, parts, (operationId) =>
    route.run({ ...allowed, operationId } as never),
  );
  reply.code(status).headers(headers);
  if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
  return reply.send(body);
}

/** Of the answer's own stream: a request is closed as soon as its body has been read. */
function abandoned({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
