import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { withoutSecrets } from "../../domain/echoed-secret.ts";
import { messageOf, SluiceError, unavailable } from "../../domain/errors.ts";
import { jittered } from "../../domain/jitter.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";

/** A code host's API: where it is, and what every request says. */
export interface HostApi {
  /** As messages name it. */
  readonly name: string;
  /** Of the environment: where its address comes from. */
  readonly variable: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What no message repeats. */
  readonly secrets: readonly string[];
}

export interface HostAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export interface HostRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** False for what must not be done twice: after a failure that leaves it open, the caller looks first. */
  readonly repeats?: boolean;
}

const TIMEOUT_MS = 30_000;
const TRIES = 4;
const FIRST_WAIT_MS = 500;
/** A limit that lasts longer is not waited for: the job's own time costs, too. */
const MOST_WAIT_MS = 90_000;

/**
 * Asks a code host, and again after what passes: a failure of its own, a lost connection, a limit of requests, which says
 * how long. Fails with `forbidden` where the token may not, `not_found`, `invalid_input` where the host refuses the
 * content, or `unavailable`.
 */
export async function askHost(api: HostApi, request: HostRequest): Promise<HostAnswer> {
  for (let tried = 1; ; tried++) {
    const answer = await askOnce(api, request);
    if (!(answer instanceof SluiceError) && answer.status < 300) return answer;
    const limitMs = answer instanceof SluiceError ? undefined : waitOfLimit(answer);
    const isPassing = answer instanceof SluiceError || answer.status >= 500;
    const mayRepeat = limitMs !== undefined || (isPassing && request.repeats !== false);
    const waitMs = limitMs ?? jittered(FIRST_WAIT_MS * 2 ** (tried - 1), Math.random());
    if (!mayRepeat || tried === TRIES || waitMs > MOST_WAIT_MS)
      throw answer instanceof SluiceError ? answer : refusal(api, request, answer, limitMs);
    await delay(waitMs);
  }
}

/** What the host answered, or `unavailable` where it is no such thing: a proxy's page, say. */
export function readAnswer<Schema extends v.GenericSchema>(
  { name, variable }: HostApi,
  schema: Schema,
  { body }: HostAnswer,
): v.InferOutput<Schema> {
  const read = v.safeParse(schema, body);
  if (read.success) return read.output;
  throw unavailable(`${name}'s answer is not what its API says; is ${variable} the API's address?`);
}

async function askOnce(api: HostApi, { method, path, body }: HostRequest): Promise<HostAnswer | SluiceError> {
  try {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { ...api.headers, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text), headers: response.headers };
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } };
    const why = typeof cause?.code === "string" ? cause.code : messageOf(cause ?? error);
    return unavailable(`${api.name} at ${api.url} cannot be reached (${withoutSecrets(why, api.secrets)})`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How long a limit of requests says to wait, in ms; undefined: it is no such answer. */
function waitOfLimit({ status, headers }: HostAnswer): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const afterMs = retryAfterMs(headers, Date.now());
  if (afterMs !== undefined) return afterMs;
  const isUsedUp = headers.get("x-ratelimit-remaining") === "0";
  const reset = Number(headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset"));
  if (isUsedUp && reset > 0) return Math.max(1000, reset * 1000 - Date.now());
  return status === 429 ? 60_000 : undefined;
}

function refusal(
  api: HostApi,
  { method, path }: HostRequest,
  { status, body }: HostAnswer,
  limitMs: number | undefined,
): SluiceError {
  const said = (body as { message?: unknown } | undefined)?.message;
  const why = typeof said === "string" ? `: ${withoutSecrets(said, api.secrets)}` : "";
  const message = `${api.name} answered ${status} to ${method} ${path}${why}`;
  const details = { status, method, path };
  if (limitMs !== undefined)
    return new SluiceError(
      "unavailable",
      `${message}; its limit of requests ends in ${Math.ceil(limitMs / 1000)} s`,
      details,
      { retryable: false },
    );
  if (status === 401 || status === 403) return new SluiceError("forbidden", message, details);
  if (status === 404) return new SluiceError("not_found", message, details);
  return status < 500 ? new SluiceError("invalid_input", message, details) : unavailable(message, details);
}
