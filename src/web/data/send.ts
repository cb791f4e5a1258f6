import { keep } from "./kept.ts";

/** What the server has refused, in its words. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "Refused";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Since when the server has not been reached; undefined while it is. */
export const awaySince = keep<Date | undefined>(undefined);
/** How often the session was found to be over. */
export const sessionsLost = keep(0);

/** How often something was changed from this page. */
export const changesMade = keep(0);

export interface Asked {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Instead of a signal: a server that has not answered by then, in ms, counts as one that cannot be reached. */
  readonly withinMs?: number;
  /** Of a change: sent again under the same one, it is made once. */
  readonly idempotencyKey?: string;
  /** The ETag of what a change is made on. */
  readonly ifMatch?: string;
  /** It is sent even if the page goes away meanwhile. */
  readonly keepalive?: boolean;
  /** Nothing that pages list has changed by it. */
  readonly isQuiet?: true;
  /** A session that is missing is an answer like any other. */
  readonly signingIn?: true;
}

/** Asks the server, and gives its JSON. Throws `Refused`, also when it cannot be reached (status 0). */
export async function ask<T>(
  path: string,
  { method = "GET", body, signal, withinMs, ...more }: Asked = {},
): Promise<T> {
  const limit = withinMs === undefined ? signal : AbortSignal.timeout(withinMs);
  const response = await fetch(path, {
    method,
    headers: {
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(more.idempotencyKey !== undefined && { "idempotency-key": more.idempotencyKey }),
      ...(more.ifMatch !== undefined && { "if-match": more.ifMatch }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(limit && { signal: limit }),
    ...(more.keepalive && { keepalive: true }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    awaySince.set(awaySince.get() ?? new Date());
    throw new Refused(0, "unavailable", "The server cannot be reached.");
  });
  awaySince.set(undefined);
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    if (method !== "GET" && !more.isQuiet) changesMade.set(changesMade.get() + 1);
    return answer as T;
  }
  if (response.status === 401 && !more.signingIn) sessionsLost.set(sessionsLost.get() + 1);
  throw refusalOf(response.status, answer);
}

export function refusalOf(status: number, answer: unknown): Refused {
  const { error } = (answer ?? {}) as {
    error?: { code: string; message: string; details?: Record<string, unknown> };
  };
  if (error) return new Refused(status, error.code, error.message, error.details);
  return new Refused(status, "internal", `The server answered ${status} without a reason.`);
}
