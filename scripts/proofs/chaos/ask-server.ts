import { SluiceError, type ErrorCode, unavailable } from "../../../src/domain/errors.ts";
import type { Answered, Desk, Request } from "./asking.ts";

const TIMEOUT_MS = 20_000;
/** Answers that say nothing of whether it was done: a server that is overloaded, ending, or away from a part. */
const UNKNOWN_FROM = 500;

/**
 * Asks over any of the servers, as a program does that knows HTTP alone: each operation under an `Idempotency-Key` of
 * its own, which is what makes it one however often, and of whichever server, it is asked.
 */
export async function askServer(desk: Desk, request: Request): Promise<Answered> {
  const { tag, kind, target, number, policy, expected } = request;
  const { prompt, label, tenant } = target;
  const place = { prompt, label, tenant };
  switch (kind) {
    case "start":
    case "replace":
      return send(desk, request, "POST", "/v1/rollouts", {
        ...place,
        version: number,
        policy: policy.document,
        requestId: tag,
        replace: kind === "replace",
      });
    case "roll_back":
      return send(desk, request, "POST", "/v1/rollbacks", { ...place, reason: tag });
    case "set":
      return send(desk, request, "PUT", `/v1/prompts/${prompt}/labels`, {
        label,
        tenant,
        version: number,
        expectedRevision: expected,
        reason: tag,
        force: true,
      });
    default: {
      const rolloutId = await runningThere(desk, request);
      const body = kind === "approve" ? { comment: tag } : { reason: tag };
      await send(desk, request, "POST", `/v1/rollouts/${rolloutId}/${kind}`, body);
      return { rolloutId };
    }
  }
}

/** The same rollout however often it is asked for, or the same request would be another one. */
const found = new Map<string, string>();

async function runningThere(desk: Desk, request: Request): Promise<string> {
  const { tag, target } = request;
  const known = found.get(tag);
  if (known !== undefined) return known;
  const query = new URLSearchParams({ prompt: target.prompt, tenant: target.tenant, running: "true" });
  const { items } = (await send(desk, request, "GET", `/v1/rollouts?${query.toString()}`)) as {
    readonly items: readonly { readonly rolloutId: string }[];
  };
  const [running] = items;
  if (!running) throw new SluiceError("conflict", "no rollout is running there");
  found.set(tag, running.rolloutId);
  return running.rolloutId;
}

async function send(
  { urls, key }: Desk,
  { tag }: Request,
  method: string,
  path: string,
  body?: object,
): Promise<Answered> {
  const url = urls[Math.floor(Math.random() * urls.length)]!;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body && { "content-type": "application/json", "idempotency-key": tag }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    throw unavailable(`${url} did not answer: ${(error as Error).message}`);
  }
  if (response.ok) return JSON.parse(text) as Answered;
  const isRunning = response.headers.has("retry-after");
  if (response.status === 500) throw new Error(`${method} ${path} was answered 500: ${text}`);
  if (response.status > UNKNOWN_FROM || isRunning) throw unavailable(`${response.status}: ${text}`);
  const { error } = JSON.parse(text) as { readonly error: Problem };
  throw new SluiceError(error.code, error.message, error.details ?? {});
}

interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}
