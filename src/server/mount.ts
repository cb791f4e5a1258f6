import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { invalidInput } from "../domain/errors.ts";
import { assertMayAsk, assertMayThere } from "./auth/authorise.ts";
import { type FastPath, leftByFastPath } from "./fast-path.ts";
import { GRANTS_HEADER, narrowed } from "./auth/narrowed.ts";
import { Asked, singleHeader } from "./requests/asked.ts";
import { KnownBody, KnownInputs, type RouteInput } from "./requests/known-inputs.ts";
import type { Parts } from "./parts.ts";
import type { ServingParts } from "./serving-parts.ts";
import { tooMany } from "./requests/problem.ts";
import { readInput } from "./requests/read-input.ts";
import {
  isStream,
  type AnyRoute,
  type Caller,
  type JsonRoute,
  type PlainRoute,
  RAW_JSON,
  type ServingRoute,
  type WrittenAnswer,
} from "./route.ts";
import { sendWritten } from "./send-written.ts";
import { inSpan } from "../telemetry/spans.ts";
import { inflate } from "./telemetry/inflate.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The body is passed on as text. */
    raw?: boolean;
    /** A body in YAML is passed on as text. */
    yaml?: boolean;
    /** A body in protobuf is passed on as bytes. */
    protobuf?: boolean;
    /** What is answered well is counted, and has no line of its own in the log. */
    counted?: boolean;
    /** What comes again and again is read once. */
    inputs?: KnownInputs | undefined;
  }
  interface FastifyInstance {
    /** Undefined where every request has its own line in the log. */
    fastPath: FastPath | undefined;
  }
  interface FastifyRequest {
    /** Undefined on a route for everybody. */
    caller: Caller | undefined;
    /** The body as it came, on a route whose bodies come again and again. */
    bodyText: string | undefined;
  }
}

/** Puts a route of the table into the server. Who asks is known before a byte of the body is read. */
export function mount(app: FastifyInstance, given: AnyRoute, parts: Parts): void;
export function mount(app: FastifyInstance, given: ServingRoute, parts: ServingParts): void;
export function mount(app: FastifyInstance, given: AnyRoute | ServingRoute, some: ServingParts): void {
  const route = given as unknown as PlainRoute;
  // A route that only serves looks at nothing else.
  const parts = some as Parts;
  const inputs = comesAgain(route) ? new KnownInputs() : undefined;
  app.route({
    method: route.method,
    url: route.path,
    exposeHeadRoute: route.method === "GET" && !isStream(route),
    ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
    ...(route.sentLimit !== undefined && { preParsing: inflate(route.sentLimit) }),
    config: {
      raw: "body" in route && route.body === RAW_JSON,
      yaml: "takesYaml" in route && route.takesYaml === true,
      protobuf: "takesProtobuf" in route && route.takesProtobuf === true,
      counted: !isStream(route) && (route.limit === "serve" || route.limit === "intake"),
      inputs,
    },
    onRequest: (request, reply, done) => {
      if (route.fromBrowsers && !reply.raw.hasHeader("access-control-allow-origin"))
        reply.headers(ANY_ORIGIN);
      admit(route, request, parts, done);
    },
    handler: (request, reply) => {
      const left = leftByFastPath(request.raw);
      if (left?.error !== undefined) throw left.error;
      const input = inputs ? readOnce(inputs, route, request) : readInput(route, request);
      return answerAtOnce(route, input, request, reply, parts) ?? answer(route, input, request, reply, parts);
    },
  });
  if (isFast(route)) app.fastPath?.add({ route, parts, inputs });
  if (route.fromBrowsers) app.options(route.path, (request, reply) => answerPreflight(route, request, reply));
}

/** Without credentials: what a page's own user is signed in to is nothing that another page can use. */
const ANY_ORIGIN = { "access-control-allow-origin": "*" };
const HEADER_NAMES = /^[a-z0-9-]+(?: *, *[a-z0-9-]+)*$/i;

function answerPreflight(route: PlainRoute, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const names = singleHeader(headers["access-control-request-headers"]) ?? "";
  return reply
    .code(204)
    .headers({
      ...ANY_ORIGIN,
      "access-control-allow-methods": route.method,
      "access-control-max-age": "7200",
    })
    .headers(HEADER_NAMES.test(names) ? { "access-control-allow-headers": names } : {})
    .send();
}

/** At once where the caller has been here a moment ago, as nearly all of them have. */
function admit(
  route: PlainRoute,
  request: FastifyRequest,
  parts: Parts,
  done: (error?: Error) => void,
): void {
  if (route.allow === "anybody" || route.allow === "sign-in") return done();
  const known = parts.callers.find(request.headers.authorization);
  if (!known)
    return void callerOf(route, request, parts).then((caller) => {
      request.caller = caller;
      // oxlint-disable-next-line promise/no-callback-in-promise -- a hook that is a promise costs each request more than all else here
      done();
    }, done);
  try {
    assertLet(route, known, request, parts);
    request.caller = actingFor(route, known, request);
  } catch (error) {
    return done(error as Error);
  }
  return done();
}

/** Whoever acts for somebody else may say what that one was granted, where prompts are served and outcomes taken. */
function actingFor(route: PlainRoute, caller: Caller, { headers }: FastifyRequest): Caller {
  const header = headers[GRANTS_HEADER];
  if (header === undefined) return caller;
  if (route.limit === "serve" || route.limit === "intake") return narrowed(caller, String(header));
  throw invalidInput(`${GRANTS_HEADER}: is taken where prompts are served and outcomes taken alone`, {
    at: `header.${GRANTS_HEADER}`,
  });
}

async function callerOf(route: PlainRoute, request: FastifyRequest, parts: Parts): Promise<Caller> {
  const { method, headers, ip: address, socket } = request;
  const { fromBrowsers } = route;
  const caller = await parts.authenticate({
    method,
    headers,
    address,
    peer: socket.remoteAddress,
    fromBrowsers,
  });
  assertLet(route, caller, request, parts);
  return actingFor(route, caller, request);
}

function assertLet(route: PlainRoute, caller: Caller, { raw }: FastifyRequest, parts: Parts): void {
  const wait = leftByFastPath(raw) ? undefined : parts.limits.take(caller.key.account, route.limit);
  if (wait !== undefined) throw tooMany("this key has sent too many requests of this kind; wait", wait);
  if (typeof route.allow === "object") assertMayAsk(caller, route.allow);
}

/** Whether it is answered in front of all this where it can be. */
function isFast(route: PlainRoute): route is JsonRoute {
  return !isStream(route) && !route.fromBrowsers && (route.atOnce ?? route.soon) !== undefined;
}

/** Whether the same is asked again and again: what is served, and the polls of resolvers. */
function comesAgain(route: PlainRoute): boolean {
  if (isStream(route) || route.limit !== "serve") return false;
  return route.method === "GET" || route.bodyComesAgain === true;
}

function readOnce(inputs: KnownInputs, route: PlainRoute, request: FastifyRequest): RouteInput {
  if (request.body instanceof KnownBody) return request.body.input;
  const text = route.method === "GET" ? request.url : request.bodyText;
  const known = route.method === "GET" ? inputs.find(request.url) : undefined;
  if (known) return known.input;
  const input = readInput(route, request);
  if (text !== undefined) inputs.keep(text, input);
  return input;
}

/** Without a promise. */
function answerAtOnce(
  route: PlainRoute,
  { params, query, body }: RouteInput,
  { caller, headers, id }: FastifyRequest,
  reply: FastifyReply,
  parts: Parts,
): FastifyReply | undefined {
  if (isStream(route) || !route.atOnce || !caller || "idempotency-key" in headers) return undefined;
  const ifNoneMatch = headers["if-none-match"];
  const written = route.atOnce({ params, query, body, caller, parts, ifNoneMatch });
  return written && hijacked(written, id, reply);
}

function hijacked(written: WrittenAnswer, id: string, reply: FastifyReply): FastifyReply {
  reply.hijack();
  sendWritten(reply.raw, id, written);
  return reply;
}

/** What serves and takes outcomes is asked thousands of times a second, and has no spans. */
function traced<R>(
  { method, routeOptions, headers, id }: FastifyRequest,
  work: () => Promise<R>,
): Promise<R> {
  const { url: route } = routeOptions;
  const attributes = { "http.request.method": method, "http.route": route, "sluice.request": id };
  const parent = singleHeader(headers["traceparent"]);
  return inSpan({ name: `${method} ${route ?? ""}`, kind: "server", parent, attributes }, work);
}

async function answer(
  route: PlainRoute,
  given: RouteInput,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: Parts,
): Promise<FastifyReply> {
  const { caller } = request;
  const input = given as never;
  if (typeof route.allow === "object" && route.allow.places !== "filtered") {
    const found = route.allow.places(input, parts);
    await assertMayThere(parts, caller!, route.allow, found instanceof Promise ? await found : found);
  }
  const asked = new Asked(input, request, reply, parts);
  const inTrace = <R>(work: () => Promise<R>) =>
    request.routeOptions.config.counted ? work() : traced(request, work);
  if (isStream(route)) {
    const ready = await route.prepare?.(asked as never);
    reply.hijack();
    route.open(asked as never, reply.raw, ready);
    return reply;
  }
  const named = route.idempotency === "operation" && caller ? asked.idempotencyKey : undefined;
  const answered =
    named === undefined
      ? await inTrace(() => route.run(asked as never))
      : await inTrace(() =>
          parts.once(named, request, caller!, (operationId) =>
            route.run(Object.assign(asked, { operationId }) as never),
          ),
        );
  if ("written" in answered && answered.written) return hijacked(answered.written, request.id, reply);
  const { status, body, headers } = answered;
  reply.code(status).header("cache-control", "no-store");
  if (headers) reply.headers(headers);
  return reply.send(body);
}
