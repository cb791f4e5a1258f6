import { jsonWithoutSecrets } from "../domain/echoed-secret.ts";
import { answerProblem } from "./call-failure.ts";
import type { EndpointSettings } from "./protocols/protocol-caller.ts";
import { proxiedFetch } from "./proxied-fetch.ts";

/** The largest answer that is read, in bytes. */
export const MAX_ANSWER_BYTES = 20 * 1024 * 1024;

export interface FetchOptions {
  /** Sends the requests; Node's own by default. */
  readonly send?: typeof globalThis.fetch | undefined;
  readonly maxBytes?: number;
  /** Sends this key (none when empty) and no header beyond what a call needs, whatever the SDK adds. */
  readonly onlyKey?: string | undefined;
  /** What nothing that comes back may hold: an endpoint that repeats its request sends the key back. */
  readonly secrets?: readonly string[];
  /** A cloud's SDK adds a token that nobody else has seen: it is a secret, too. */
  readonly hasLogin?: boolean;
}

/**
 * A `fetch` for the vendor SDKs that reads the whole answer here: never more than `maxBytes` of it, within
 * the SDK's own time-out, only JSON, and only from the address that was called. The SDKs leave the body to be
 * read after their time-out, without a bound, hand HTML on as if it were an answer, and follow redirects.
 */
export function boundedFetch({
  send = globalThis.fetch,
  maxBytes = MAX_ANSWER_BYTES,
  onlyKey,
  secrets = [],
  hasLogin = false,
}: FetchOptions = {}): typeof globalThis.fetch {
  return async (input, init) =>
    wholeAnswer(await sendOnly({ send, onlyKey }, input, init), {
      maxBytes,
      secrets: hasLogin ? [...secrets, ...tokensOf(init)] : secrets,
    });
}

/** The tokens that a request carries. */
export function tokensOf(init: RequestInit | undefined): string[] {
  const headers = new Headers(init?.headers);
  return [headers.get("authorization")?.replace(/^Bearer /, ""), headers.get("x-amz-security-token")].filter(
    (token) => typeof token === "string",
  );
}

/** How requests go to an endpoint: by its proxy, and with its key alone where it is none of the vendor's own. */
export function sendingTo({ proxy, isForeign, apiKey, secrets, cloud }: EndpointSettings) {
  return {
    send: proxy && proxiedFetch(proxy),
    onlyKey: isForeign ? apiKey : undefined,
    secrets,
    hasLogin: cloud !== undefined,
  };
}

/** Sends a request to the address that it names, and to no other. */
export async function sendOnly(
  { send = globalThis.fetch, onlyKey }: Pick<FetchOptions, "send" | "onlyKey">,
  input: Parameters<typeof globalThis.fetch>[0],
  init: RequestInit | undefined,
): Promise<Response> {
  const response = await send(input, {
    ...init,
    ...(onlyKey !== undefined && { headers: plainHeaders(init?.headers, onlyKey) }),
    // Followed, one would hand prompt and key to whomever it names.
    redirect: "manual",
  });
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw answerProblem("redirect", `a redirect${placeOf(response)}, which is not followed`);
  }
  return response;
}

/** An answer that has been read whole, as JSON and within its bounds. */
export async function wholeAnswer(
  response: Response,
  { maxBytes, secrets }: { readonly maxBytes: number; readonly secrets: readonly string[] },
): Promise<Response> {
  // Everything that is said, kept or graded of an answer comes from here.
  const body = jsonWithoutSecrets(await readBounded(response, maxBytes), secrets);
  const type = response.headers.get("content-type") ?? "";
  if (response.ok) checkJson(body, type);
  const headers = new Headers(response.headers);
  // The body is decoded and complete: these would describe another one.
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
  if (response.ok) headers.set("content-type", "application/json");
  return new Response(body, { status: response.status, headers });
}

/** What any endpoint of this kind needs to be told. */
const PLAIN = ["accept", "content-type", "user-agent", "anthropic-version"];

/** Of the SDK's headers those that say nothing of the user: the environment may add others, secrets among them. */
function plainHeaders(given: RequestInit["headers"], key: string): Headers {
  const all = new Headers(given);
  const plain = new Headers();
  for (const name of PLAIN) {
    const value = all.get(name);
    if (value !== null) plain.set(name, value);
  }
  if (key !== "") plain.set("authorization", `Bearer ${key}`);
  return plain;
}

/** The origin that a redirect names, without its path, which may hold anything. */
function placeOf(response: Response): string {
  const to = URL.parse(response.headers.get("location") ?? "", response.url || undefined);
  return to ? ` to ${to.origin}` : "";
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const announced = Number(response.headers.get("content-length") ?? Number.NaN);
  if (announced > maxBytes) {
    await response.body?.cancel();
    throw answerProblem("too_large", `an answer of more than ${megabytes(maxBytes)} MB`);
  }
  // An announced length is held to by fetch, unless it is that of a compressed body.
  if (announced >= 0 && !response.headers.has("content-encoding"))
    return response.text().catch((error: unknown) => {
      throw error instanceof TypeError
        ? answerProblem("truncated", "an answer that broke off", error)
        : error;
    });
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes)
        throw answerProblem("too_large", `an answer of more than ${megabytes(maxBytes)} MB`);
      parts.push(decoder.decode(chunk, { stream: true }));
    }
  } catch (error) {
    // What undici says when the connection ends before the body does.
    if (error instanceof TypeError)
      throw answerProblem("truncated", `an answer that broke off after ${bytes} bytes`, error);
    throw error;
  }
  parts.push(decoder.decode());
  return parts.join("");
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

function checkJson(body: string, type: string): void {
  if (body.trim() === "") throw answerProblem("empty", "an empty answer");
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    const start = body.trimStart().slice(0, 60).replace(/\s+/g, " ");
    if (type.includes("html") || start.startsWith("<"))
      throw answerProblem("html", `a web page instead of JSON ("${start}…")`, error);
    throw answerProblem("malformed", `something that is not valid JSON ("${start}…")`, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw answerProblem("malformed", `JSON that is not an object ("${body.trimStart().slice(0, 60)}")`);
}
