import { lookup } from "node:dns/promises";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP } from "node:net";
import { SluiceError, unavailable } from "../domain/errors.ts";
import { type PermittedAddresses, refusedAddress } from "./permitted-addresses.ts";

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly permitted: PermittedAddresses;
  /** What to call the receiver in messages; its address is cut to its origin. */
  readonly what: string;
  /** All addresses of a host name; the system's own resolver when absent. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/**
 * Posts to an address that somebody else has named. The name is resolved first, each of its addresses is looked
 * at, and the connection goes to one that was looked at: what the name leads to a moment later does not matter.
 * A redirect is an answer like any other. `forbidden` before any connection where the address is not of the
 * internet and nobody has allowed it; `unavailable` where it is not taken.
 */
export async function postJson(post: Post): Promise<void> {
  const { url, headers, body, signal, what } = post;
  const place = `${what} ${url.origin}`;
  const address = await permittedAddress(post, place);
  const status = await send(url, address, headers, body, signal).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw unavailable(`${place} cannot be reached (${code ?? "no answer in time"})`, { address: url.origin });
  });
  if (status >= 300 && status < 400)
    throw new SluiceError(
      "invalid_input",
      `${place} answered ${status}, another address; redirects are not followed: name that one`,
      { address: url.origin, status },
    );
  if (status < 200 || status >= 300)
    throw unavailable(`${place} answered ${status}`, { address: url.origin, status });
}

async function permittedAddress(
  { url, permitted, resolve = resolved }: Post,
  place: string,
): Promise<string> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = isIP(host) ? [host] : await addressesOf(host, resolve, place);
  for (const address of addresses) {
    const kind = refusedAddress(address, host, permitted);
    if (kind !== undefined)
      throw new SluiceError(
        "forbidden",
        `${place} leads to a ${kind} address, where nothing is sent; if it is right, allow it where the worker runs: SLUICE_ALLOW_ADDRESSES=${host}`,
        { address: url.origin },
      );
  }
  return addresses[0]!;
}

async function addressesOf(
  host: string,
  resolve: NonNullable<Post["resolve"]>,
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
  url: URL,
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  const request = url.protocol === "https:" ? secureRequest : plainRequest;
  const family = isIP(address);
  return new Promise((settle, fail) => {
    const sent = request(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        signal,
        // One of its own: none that was opened to another address is used again.
        agent: false,
        // The address that was looked at, whatever the name means by now.
        lookup: (_host, options, found) =>
          options.all ? found(null, [{ address, family }]) : found(null, address, family),
      },
      (response) => {
        settle(response.statusCode ?? 0);
        response.destroy();
      },
    );
    sent.on("error", fail);
    sent.end(body);
  });
}
