import { lookup } from "node:dns/promises";
import { type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP } from "node:net";
import { SluiceError, unavailable } from "../domain/errors.ts";
import { type PermittedAddresses, refusedAddress } from "./permitted-addresses.ts";

export interface OutboundRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  readonly permitted: PermittedAddresses;
  /** What to call the receiver in messages; its address is cut to its origin. */
  readonly what: string;
  /** Who sends it, and so where SLUICE_ALLOW_ADDRESSES is set. */
  readonly sender: "worker" | "server";
  /** All addresses of a host name; the system's own resolver when absent. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
  /** How much of an answer is read. 0: nothing but its head. */
  readonly mostBytes: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const WHERE = { worker: "where the worker runs", server: "where the server runs" } as const;

/**
 * Sends a request to an address that somebody else has named. The name is resolved first, each of its addresses is
 * looked at, and the connection goes to one that was looked at: what the name leads to a moment later does not matter.
 * A redirect is an answer like any other. `forbidden` before any connection where the address is not of the internet
 * and nobody has allowed it; `unavailable` where there is no answer, or one that is too long.
 */
export async function sendPermitted(request: OutboundRequest): Promise<OutboundAnswer> {
  const { url, what } = request;
  const place = `${what} ${url.origin}`;
  const address = await permittedAddress(request, place);
  return send(request, address).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw unavailable(`${place} cannot be reached (${code ?? "no answer in time"})`, { address: url.origin });
  });
}

async function permittedAddress(
  { url, permitted, sender, resolve = resolved }: OutboundRequest,
  place: string,
): Promise<string> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = isIP(host) ? [host] : await addressesOf(host, resolve, place);
  for (const address of addresses) {
    const kind = refusedAddress(address, host, permitted);
    if (kind !== undefined)
      throw new SluiceError(
        "forbidden",
        `${place} leads to a ${kind} address, where nothing is sent; if it is right, allow it ${WHERE[sender]}: SLUICE_ALLOW_ADDRESSES=${host}`,
        { address: url.origin },
      );
  }
  return addresses[0]!;
}

async function addressesOf(
  host: string,
  resolve: NonNullable<OutboundRequest["resolve"]>,
  place: string,
): Promise<readonly string[]> {
  try {
    return await resolve(host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unavailable(`${place} cannot be reached (${code}): its name is not known`);
  }
}

async function resolved(host: string): Promise<string[]> {
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
}

function send(
  { url, method, headers, body, signal, mostBytes }: OutboundRequest,
  address: string,
): Promise<OutboundAnswer> {
  const request = url.protocol === "https:" ? secureRequest : plainRequest;
  const family = isIP(address);
  return new Promise((settle, fail) => {
    const sent = request(
      url,
      {
        method,
        headers: { ...headers, ...(body !== undefined && { "content-length": Buffer.byteLength(body) }) },
        signal,
        // One of its own: none that was opened to another address is used again.
        agent: false,
        // The address that was looked at, whatever the name means by now.
        lookup: (_host, options, found) =>
          options.all ? found(null, [{ address, family }]) : found(null, address, family),
      },
      (response) => {
        const head = { status: response.statusCode ?? 0, headers: response.headers };
        const chunks: Buffer[] = [];
        let bytes = 0;
        const end = () => {
          settle({ ...head, body: Buffer.concat(chunks) });
          response.destroy();
        };
        if (mostBytes === 0) return end();
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > mostBytes) response.destroy(Object.assign(new Error(), { code: "too long an answer" }));
        });
        response.on("end", end);
        response.on("error", fail);
      },
    );
    sent.on("error", fail);
    sent.end(body);
  });
}
