import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import type { Parts } from "../parts.ts";
import type { AllowedRequest, Caller } from "../route.ts";
import { ProtobufBody } from "../telemetry/protobuf-body.ts";
import { YamlBody } from "./yaml-body.ts";

type Given = Pick<AllowedRequest<undefined, undefined, undefined>, "params" | "query" | "body">;

/** A request that is allowed, as its route sees it. What most routes never look at is made when it is looked at. */
export class Asked implements Omit<AllowedRequest<undefined, undefined, undefined>, "caller"> {
  readonly params: undefined;
  readonly query: undefined;
  readonly body: undefined;
  readonly caller: Caller | undefined;
  readonly parts: Parts;
  readonly idempotencyKey: string | undefined;
  readonly #request: FastifyRequest;
  readonly #response: ServerResponse;
  #operationId: string | undefined;
  #signal: AbortSignal | undefined;

  constructor({ params, query, body }: Given, request: FastifyRequest, { raw }: FastifyReply, parts: Parts) {
    this.params = params;
    this.query = query;
    this.body = body;
    this.caller = request.caller;
    this.parts = parts;
    this.idempotencyKey = idempotencyKeyOf(request);
    this.#request = request;
    this.#response = raw;
  }

  get requestId(): string {
    return this.#request.id;
  }

  get address(): string {
    return this.#request.ip;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get header(): (name: string) => string | undefined {
    const { headers } = this.#request;
    return (name) => singleHeader(headers[name]);
  }

  get yaml(): string | undefined {
    const { body } = this.#request;
    return body instanceof YamlBody ? body.text : undefined;
  }

  get protobuf(): Buffer | undefined {
    const { body } = this.#request;
    return body instanceof ProtobufBody ? body.bytes : undefined;
  }

  get operationId(): string {
    return (this.#operationId ??= `http/${randomUUID()}`);
  }

  set operationId(id: string) {
    this.#operationId = id;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= abandoned(this.#response));
  }
}

/** Of the answer's own stream: a request is closed as soon as its body has been read. */
function abandoned(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.closed) onClose();
  else response.once("close", onClose);
  return gone.signal;
}

/** A header that is there several times counts as its first. */
export function singleHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
