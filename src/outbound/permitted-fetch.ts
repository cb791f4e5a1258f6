import type { PermittedAddresses } from "./permitted-addresses.ts";
import { sendPermitted } from "./permitted-request.ts";

/** What is read of an answer: an issuer's metadata and keys are a few kilobytes. */
const MOST_BYTES = 1_048_576;
const PATIENCE_MS = 10_000;

export interface FetchOptions {
  readonly method?: string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  /** A text, or what becomes one: URLSearchParams. */
  readonly body?: ConstructorParameters<typeof Response>[0];
  readonly signal?: AbortSignal | null | undefined;
}
export type PermittedFetch = (url: string | URL, options?: FetchOptions) => Promise<Response>;

/**
 * A `fetch` for libraries that a server asks an issuer with: to addresses of the internet and to those that an operator
 * has allowed, without following redirects. Fails as `sendPermitted` does.
 *
 * @param what how the issuer is called in messages
 */
export function permittedFetch(permitted: PermittedAddresses, what: string): PermittedFetch {
  return async (url, { method = "GET", headers, body, signal } = {}) => {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const answered = await sendPermitted({
      url: new URL(url),
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: body === undefined || body === null ? undefined : await new Response(body).text(),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      permitted,
      what,
      sender: "server",
      mostBytes: MOST_BYTES,
    });
    const hasBody = answered.status !== 204 && answered.status !== 304;
    const given = Object.entries(answered.headers).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as [string, string]] : [],
    );
    return new Response(hasBody ? new Uint8Array(answered.body) : null, {
      status: answered.status,
      headers: given,
    });
  };
}
