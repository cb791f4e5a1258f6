import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type * as v from "valibot";
import type { Permission } from "../domain/access/permissions.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Caller } from "./caller.ts";
import type { RateClass } from "./requests/limits.ts";
import type { Parts } from "./parts.ts";
import type { ServingParts } from "./serving-parts.ts";

export type { Caller };

/** A part of what is served or changed. An absent part means that the route is about none. */
export interface Place extends Partial<Omit<ScopeColumns, "model">> {
  /** Whether it is only looked at: what all tenants share may be read by each of them. */
  readonly use: "read" | "change";
}

/**
 * Who may use a route: everybody, whoever can show the route itself who they are (`sign-in`), any key that is good, or a key whose role has the permission, in the places that it was granted.
 * `filtered`: the route answers with what is granted, and leaves out the rest.
 */
export type Allow<Input, P = Parts> =
  | "anybody"
  | "sign-in"
  | "any key"
  | (Guard & { readonly places: "filtered" | ((input: Input, parts: P) => Place | Promise<Place>) });

/** What a route takes of whoever uses it. */
export interface Guard {
  readonly permission: Permission;
  /** What it takes where the place's label is protected. */
  readonly onProtected?: Permission;
  /** It takes a key, or a session that was opened with one: Postgres believes no server who somebody is. */
  readonly needsKey?: true;
}

type Schema = v.GenericSchema<unknown, unknown>;
type Output<S> = S extends Schema ? v.InferOutput<S> : undefined;
/** A body as text, for a route that passes it on as it is. */
export const RAW_JSON = "raw JSON";
type Body = Schema | typeof RAW_JSON | undefined;

export interface Input<Params, Query, B> {
  readonly params: Output<Params>;
  readonly query: Output<Query>;
  readonly body: B extends typeof RAW_JSON ? string : Output<B>;
}

export interface AllowedRequest<Params, Query, B, P = Parts> extends Input<Params, Query, B> {
  readonly caller: Caller;
  readonly parts: P;
  readonly requestId: string;
  /** Where the request comes from. */
  readonly address: string;
  /** What this request changes is changed once under it: the same again where its caller has named the request. */
  readonly operationId: string;
  /** The caller's name of the request, where it gave one. */
  readonly idempotencyKey: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly header: (name: string) => string | undefined;
  /** The body, where it came as YAML. */
  readonly yaml: string | undefined;
  /** The body, where it came as protobuf. */
  readonly protobuf: Buffer | undefined;
  /** Aborted when the caller has disconnected. */
  readonly signal: AbortSignal;
}

export type Answers = Readonly<Record<number, Schema>>;

/** A header that is there several times is a list. */
export type AnswerHeaders = Readonly<Record<string, string | string[]>>;

/** What a route answers: one of its statuses, with a body of that status. */
export type Answered<A extends Answers> = {
  [Status in keyof A]: {
    readonly status: Status;
    readonly body: A[Status] extends Schema ? Immutable<v.InferInput<A[Status]>> : never;
    readonly headers?: AnswerHeaders;
    /** What is sent in the place of all this. */
    readonly written?: WrittenAnswer;
  };
}[keyof A];

type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

/** An answer of this status. */
export function answer<const Status extends number, const Content>(
  status: Status,
  body: Content,
  headers: AnswerHeaders = {},
) {
  return { status, body, headers };
}

/**
 * What asking twice does: `operation`: with an `Idempotency-Key` it is done once, and answered again; `natural`: the
 * second time there is nothing left to do; `none`: it is done twice.
 */
export type Idempotency = "operation" | "natural" | "none";

/** An answer that is a text of this kind, and not JSON. */
export function answerText<const Status extends number>(
  status: Status,
  text: string,
  type: string,
  headers: AnswerHeaders = {},
) {
  return { status, body: text as never, headers: { ...headers, "content-type": `${type}; charset=utf-8` } };
}

export const JSON_TYPE = "application/json; charset=utf-8";

/** An answer that is ready to be sent. */
export interface WrittenAnswer {
  readonly status: number;
  /** Names and values in turns, with the body's length and type. */
  readonly headers: readonly string[];
  readonly json?: string;
  /** Whether it is of single bytes alone. */
  readonly isAscii?: boolean;
}

/** A JSON text as an answer. */
export function writtenJson(json: string, cacheControl = "no-store"): WrittenAnswer {
  const length = Buffer.byteLength(json);
  return {
    status: 200,
    json,
    isAscii: length === json.length,
    headers: ["cache-control", cacheControl, "content-type", JSON_TYPE, "content-length", String(length)],
  };
}

/** The same of a route's `run`. */
export function answerWritten(written: WrittenAnswer) {
  return { status: 200 as const, body: undefined as never, written };
}

export const YAML = "application/yaml";
export const HTML = "text/html";

interface Common {
  /** One line for the API's pages. */
  readonly summary: string;
  readonly about?: string;
  readonly limit: RateClass;
  /** Most bytes of a body. Default 1 MiB. */
  readonly bodyLimit?: number;
  /** Pages of any origin may ask it, and a key that may be known to browsers is let in by its id alone. */
  readonly fromBrowsers?: true;
  /** The body may come gzipped: most bytes of it as it is sent; `bodyLimit` is for what it is then. */
  readonly sentLimit?: number;
}

export interface JsonRoute<
  Params extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  B extends Body = Body,
  A extends Answers = Answers,
  P = Parts,
> extends Common {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `:name` for its parameters. */
  readonly path: string;
  readonly allow: Allow<Input<Params, Query, B>, P>;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: B;
  /** The same body comes again and again, so it is read once; it has to say all that there is, without a query. */
  readonly bodyComesAgain?: true;
  /** Whether a body without lists is, as it is, what the schema makes of it; false: the schema tells. It costs less. */
  readonly isPlain?: (body: unknown) => boolean;
  /** The body may come as YAML instead; `yaml` has it then, and `body` is undefined. */
  readonly takesYaml?: true;
  /** The body may come as protobuf instead; `protobuf` has it then, and `body` is undefined. */
  readonly takesProtobuf?: true;
  /** It may answer 200 with a text of this type; with that alone where its schema is a text. */
  readonly givesText?: string;
  readonly answers: A;
  /** Of a route that changes something. */
  readonly idempotency?: Idempotency;
  readonly run: (request: AllowedRequest<Params, Query, B, P>) => Promise<Answered<A>>;
  /**
   * What can be answered from memory, at once: the same as `run` would, for what is asked thousands of times a second.
   * It checks the place itself. Undefined: `run` answers.
   */
  readonly atOnce?: (request: QuickRequest<Params, Query, B, P>) => WrittenAnswer | undefined;
  /** The same of what is answered as soon as it is read, for a POST. */
  readonly soon?: (request: QuickRequest<Params, Query, B, P>) => Promise<WrittenAnswer> | undefined;
}

export interface QuickRequest<Params, Query, B, P = Parts> extends Input<Params, Query, B> {
  readonly caller: Caller;
  readonly parts: P;
  readonly ifNoneMatch: string | undefined;
}

/** A route that goes on answering: server-sent events. */
export interface StreamRoute<
  Params extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  P = Parts,
  B extends Schema | undefined = Schema | undefined,
  Ready = unknown,
> extends Common {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly allow: Allow<Input<Params, Query, B>, P>;
  readonly params?: Params;
  readonly query?: Query;
  /** Of a stream that is asked for by `POST`. */
  readonly body?: B;
  readonly idempotency?: "none";
  /** Before anything is sent: what it throws is answered as by any other route. */
  readonly prepare?: (request: AllowedRequest<Params, Query, B, P>) => Promise<Ready>;
  /** The head has been sent; what it writes is its own to bound. */
  readonly open: (
    request: AllowedRequest<Params, Query, B, P>,
    response: ServerResponse,
    ready: Ready,
  ) => void;
}

export type AnyRoute = JsonRoute<never, never, never, never> | StreamRoute<never, never, Parts, never, never>;

/** A route of the table. One that does not say who may use it does not compile. */
export function defineRoute<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  B extends Body = undefined,
  A extends Answers = Answers,
>(route: JsonRoute<Params, Query, B, A>): AnyRoute {
  return route as unknown as AnyRoute;
}

declare const needsNoDatabase: unique symbol;

/** A route that works with {@link ServingParts} alone, so that a relay has it too. */
export type ServingRoute = AnyRoute & { readonly [needsNoDatabase]: true };

/** The same of a route that only serves: it is never about a protected label, and done as often as it is asked. */
export function defineServing<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  B extends Body = undefined,
  A extends Answers = Answers,
>(
  route: JsonRoute<Params, Query, B, A, ServingParts> & {
    readonly allow: "anybody" | "any key" | { readonly onProtected?: never };
    readonly idempotency?: "natural" | "none";
  },
): ServingRoute {
  return route as unknown as ServingRoute;
}

export function defineStream<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  Ready = undefined,
>(route: StreamRoute<Params, Query, Parts, B, Ready>): AnyRoute {
  return route as unknown as AnyRoute;
}

export function defineServingStream<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
>(route: StreamRoute<Params, Query, ServingParts, undefined>): ServingRoute {
  return route as unknown as ServingRoute;
}

/** A route as the machinery around it sees it, whatever its types are. */
export type PlainRoute = JsonRoute | StreamRoute;

export function isStream(route: PlainRoute): route is StreamRoute {
  return "open" in route;
}
