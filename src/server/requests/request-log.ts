import type { FastifyReply, FastifyRequest } from "fastify";
import { REQUEST_ANSWERED } from "../../telemetry/channels.ts";
import type { Log, LogFields } from "../../telemetry/log-lines.ts";

const COUNTS_EVERY_MS = 60_000;
const TRACE = /^[0-9a-f]{2}-([0-9a-f]{32})-/;

interface Count {
  readonly method: string;
  readonly route: string | null;
  requests: number;
  ms: number;
}

/**
 * What the log says of requests. Each has a line, but for those that serve and went well, of which there are thousands
 * a second: they are counted, and each of their routes has a line a minute. With `all` each of them has its line.
 */
export class RequestLog {
  readonly #log: Log;
  readonly #all: boolean;
  readonly #counts = new Map<string, Count>();
  readonly #timer: NodeJS.Timeout;

  constructor(log: Log, all: boolean) {
    this.#log = log;
    this.#all = all;
    this.#timer = setInterval(() => this.#sayCounts(), COUNTS_EVERY_MS).unref();
  }

  answered(request: FastifyRequest, { statusCode: status, elapsedTime }: FastifyReply): void {
    const { config, url = null } = request.routeOptions;
    if (REQUEST_ANSWERED.hasSubscribers)
      REQUEST_ANSWERED.publish({ method: request.method, route: url, status, ms: elapsedTime });
    if (config.counted && status < 400 && !this.#all)
      return this.#count(`${request.method} ${url}`, request.method, url, elapsedTime);
    const level = status >= 500 ? "error" : "info";
    this.#log(`${request.method} ${url} ${status}`, {
      level,
      ...about(request),
      status,
      ms: rounded(elapsedTime),
    });
  }

  /** What went wrong with us or with a part. */
  failed(request: FastifyRequest, error: Record<string, unknown>): void {
    this.#log(`${request.method} ${request.routeOptions.url ?? null} failed`, {
      level: "error",
      ...about(request),
      error,
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sayCounts();
  }

  /** Counts requests of a route that went well, each with the ms that it took. */
  counter(method: string, route: string): (ms: number) => void {
    const name = `${method} ${route}`;
    return (ms) => {
      if (REQUEST_ANSWERED.hasSubscribers) REQUEST_ANSWERED.publish({ method, route, status: 200, ms });
      this.#count(name, method, route, ms);
    };
  }

  #count(name: string, method: string, route: string | null, ms: number): void {
    let count = this.#counts.get(name);
    if (!count) this.#counts.set(name, (count = { method, route, requests: 0, ms: 0 }));
    count.requests++;
    count.ms += ms;
  }

  #sayCounts(): void {
    for (const { method, route, requests, ms } of this.#counts.values())
      this.#log(`${method} ${route}: ${requests} answered in a minute`, {
        method,
        route,
        requests,
        meanMs: rounded(ms / requests),
      });
    this.#counts.clear();
  }
}

function about({ id: requestId, method, routeOptions, headers, params, caller }: FastifyRequest): LogFields {
  const { url: route = null } = routeOptions;
  const { name, id } = (params ?? {}) as { readonly name?: string; readonly id?: string };
  const traceId = TRACE.exec(String(headers["traceparent"] ?? ""))?.[1];
  return {
    requestId,
    method,
    route,
    key: caller?.key.id ?? null,
    ...(name !== undefined && { prompt: name }),
    ...(id !== undefined && route?.startsWith("/v1/rollouts/") && { rolloutId: id }),
    ...(traceId !== undefined && { traceId }),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
