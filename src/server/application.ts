import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { notFound, SluiceError } from "../domain/errors.ts";
import { FastPath } from "./fast-path.ts";
import { letOrigins } from "./requests/cross-origin.ts";
import { assertShallow } from "./requests/json-body.ts";
import { isForLangfuse, langfuseRefusal } from "./langfuse/refusal.ts";
import { problemOf, RequestRefused } from "./requests/problem.ts";
import { PROTOBUF } from "./telemetry/otlp.ts";
import { ProtobufBody } from "./telemetry/protobuf-body.ts";
import { YamlBody } from "./requests/yaml-body.ts";
import { requestIdOf } from "./requests/request-id.ts";
import type { Log } from "../telemetry/log-lines.ts";
import { RequestLog } from "./requests/request-log.ts";
import { rewritePromptName } from "./requests/rewrite-prompt-name.ts";
import { tagAnswers } from "./requests/tagged.ts";
import { zipLongAnswers } from "./requests/zipped.ts";

export interface ApplicationOptions {
  readonly log: Log;
  /** A line for each request, also for each of those that serve and went well. */
  readonly logAll?: boolean | undefined;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Proxies whose X-Forwarded-For is believed: addresses and CIDRs. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Origins of other sites whose pages may ask. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** What is said of an address that is none here. */
  readonly nowhere?: ((url: string) => Error) | undefined;
}

const BODY_BYTES = 1_048_576;
/** For a whole request to arrive: who sends slower than that is cut off. */
const REQUEST_MS = 30_000;
/** Longer than load balancers keep theirs, so that no request meets a connection that is being closed. */
const KEEP_ALIVE_MS = 72_000;
/** A name of 128 characters, each written as three. */
const PARAM_LENGTH = 512;

/** The server without its socket and its routes: how bodies are read, and one way of refusing. */
export function createApplication({
  nowhere = (url) => notFound(isForLangfuse(url) ? NOT_HERE : NOWHERE),
  log,
  logAll = false,
  tls,
  trustedProxies,
  corsOrigins = [],
}: ApplicationOptions): FastifyInstance {
  const app = fastify({
    https: tls ? { ...tls } : null,
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: PARAM_LENGTH },
    rewriteUrl: ({ url = "/" }) => rewritePromptName(url),
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"]),
    // Of an address that no route could be found for; Fastify's own words would repeat it.
    frameworkErrors: (error, request, reply) => {
      const { status, headers, type, body } = refusalOf(error, request, NO_ADDRESS);
      log(`${request.method} of no address ${status}`, {
        requestId: request.id,
        method: request.method,
        status,
      });
      const all = { "x-request-id": request.id, ...headers };
      void (reply as unknown as FastifyReply).code(status).headers(all).type(type).send(body);
    },
    trustProxy: trustedProxies && trustedProxies.length > 0 ? [...trustedProxies] : false,
    logger: false,
  });
  app.decorateRequest("caller", undefined);
  app.decorateRequest("bodyText", undefined);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  letOrigins(app, corsOrigins);
  tagAnswers(app);
  zipLongAnswers(app);
  readJson(app);
  const requests = new RequestLog(log, logAll);
  refuse(app, requests, nowhere);
  app.decorate("fastPath", logAll ? undefined : new FastPath(app.server, requests));
  app.addHook("onResponse", (request, reply, done) => {
    requests.answered(request, reply);
    done();
  });
  app.addHook("onClose", (_, done) => {
    requests.close();
    done();
  });
  return app;
}

/** Depth is looked at before anything is parsed; a route may want the text as it is. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = String(body);
    // Some clients name a type with every request; a route that needs a body says that it is missing.
    if (text === "") return done(null, undefined);
    const { raw, inputs } = request.routeOptions.config;
    const known = request.url.includes("?") ? undefined : inputs?.find(text);
    if (known) return done(null, known);
    if (inputs && !request.url.includes("?")) request.bodyText = text;
    try {
      assertShallow(text);
    } catch (error) {
      return done(error as Error);
    }
    if (raw === true) return done(null, text);
    return void parse(request, text, done);
  });
  app.addContentTypeParser(
    ["application/yaml", "application/x-yaml", "text/yaml"],
    { parseAs: "string" },
    (request, body, done) => {
      if (request.routeOptions.config.yaml === true) return done(null, new YamlBody(String(body)));
      return done(unsupported());
    },
  );
  app.addContentTypeParser(PROTOBUF, { parseAs: "buffer" }, (request, body, done) => {
    if (request.routeOptions.config.protobuf === true) return done(null, new ProtobufBody(Buffer.from(body)));
    return done(new RequestRefused("unsupported", "protobuf is not taken here; send application/json"));
  });
}

function unsupported(): RequestRefused {
  return new RequestRefused("unsupported", "YAML is not taken here; send application/json");
}

function refuse(app: FastifyInstance, requests: RequestLog, nowhere: (url: string) => Error): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, headers, type, body } = refusalOf(error, request, pathOf(request));
    if (status >= 500) requests.failed(request, described(error));
    return reply.code(status).headers(headers).type(type).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const error = nowhere(request.url);
    const { status, headers, type, body } = refusalOf(error, request, pathOf(request));
    return reply.code(status).headers(headers).type(type).send(body);
  });
}

/** A refusal in the form of whoever the address is for. */
function refusalOf(error: unknown, { id, url }: Pick<FastifyRequest, "id" | "url">, instance: string) {
  const problem = problemOf(error, { instance, requestId: id });
  const headers = { "cache-control": "no-store", ...problem.headers };
  if (!isForLangfuse(url)) return { status: problem.status, headers, type: PROBLEM, body: problem.body };
  const { status, body } = langfuseRefusal(error, problem.body.detail);
  return { status, headers, type: "application/json; charset=utf-8", body };
}

const PROBLEM = "application/problem+json";
const NO_ADDRESS = "an address";
const NOWHERE = "there is no such address, or not with this method; see /openapi.json";
const NOT_HERE =
  "Sluice does not answer this to Langfuse's clients; docs/reference/server.md says what it does";

/** The address as the table has it: what stands in it may be a unit. */
function pathOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? NO_ADDRESS;
}

/** What went wrong with us or with a part, for whoever keeps the server: no value that came with the request. */
function described(error: unknown): Record<string, unknown> {
  const { name, code, stack } = error as { name?: unknown; code?: unknown; stack?: unknown };
  const frames = (typeof stack === "string" ? stack : "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
  return { name, code, ...ownFault(error), frames };
}

/** What this process itself was refused, in our own words: its key, its namespace, its settings. */
function ownFault(error: unknown): { readonly because?: string } {
  for (let cause = error, depth = 0; cause instanceof SluiceError && depth < 6; cause = cause.cause, depth++)
    if (cause.code !== "unavailable") return { because: cause.message };
  return {};
}
