import type { IncomingHttpHeaders } from "node:http";
import type { KeyProof } from "../../access/key-text.ts";
import { actingAs } from "../../storage/acting-database.ts";
import type { CheckedKey } from "../../storage/read/checked-key.ts";
import { RequestRefused } from "../requests/problem.ts";
import type { Credentials } from "../serving-parts.ts";
import type { Parts } from "../parts.ts";
import type { Caller } from "../route.ts";
import { browserCaller, publicKeyId } from "./browser-key.ts";
import { assertOwnPage } from "./own-page.ts";
import { sessionInCookie, type ShownSession } from "./session-cookie.ts";
import { shownKey } from "./shown-key.ts";
import { refuseKey } from "./wrong-keys.ts";

/**
 * Who sends a request: by its key or its CI job's token, and only where it shows neither by the word of the proxy in
 * front, or a browser's cookie. Without one that is good it is `unauthenticated`, always with the same words.
 */
export async function authenticate(parts: Parts, credentials: Credentials): Promise<Caller> {
  const caller = await callerShown(parts, credentials);
  if (caller.byBrowser) assertOwnPage(credentials.method, credentials.headers, parts.browsers);
  return caller;
}

async function callerShown(
  parts: Parts,
  { headers, address, peer, fromBrowsers }: Credentials,
): Promise<Caller> {
  const publicId = fromBrowsers ? publicKeyId(headers.authorization) : undefined;
  if (publicId !== undefined) return (await byPublicId(parts, publicId)) ?? refuseKey(parts, address);
  const shown = shownKey(headers.authorization);
  if (shown === "none") return (await byProxy(parts, peer, headers)) ?? byCookie(parts, headers.cookie);
  const caller = shown === "bad" ? undefined : await callerOf(parts, shown, false);
  if (!caller) return refuseKey(parts, address);
  parts.callers.keep(headers.authorization!, caller);
  return caller;
}

async function byProxy(
  parts: Parts,
  peer: string | undefined,
  headers: IncomingHttpHeaders,
): Promise<Caller | undefined> {
  const shown = await parts.proxyPeople?.shownBy(peer, headers);
  return shown && callerOf(parts, shown, true);
}

async function byPublicId({ browserKeys }: Parts, id: string): Promise<Caller | undefined> {
  const key = await browserKeys.check({ id, proof: Buffer.alloc(0) });
  return key && browserCaller(key, (shown) => browserKeys.check(shown));
}

/** A session that is over is no guess at a key, so it is not counted as one. */
async function byCookie(parts: Parts, cookie: string | undefined): Promise<Caller> {
  const shown = sessionInCookie(cookie, parts.browsers);
  if (shown === undefined)
    throw new RequestRefused("unauthenticated", "this needs a key: send Authorization: Bearer KEY");
  const caller = shown === "bad" ? undefined : await callerOf(parts, shown, true);
  if (caller) return caller;
  throw new RequestRefused("unauthenticated", "the session is over; sign in again");
}

async function callerOf(
  parts: Parts,
  shown: KeyProof | ShownSession,
  byBrowser: boolean,
): Promise<Caller | undefined> {
  const key = await checked(parts, shown);
  return (
    key && {
      key,
      shown,
      byBrowser,
      grants: key.grants,
      stillGood: async () => (await checked(parts, shown)) !== undefined,
      acting: () => actingAs(parts.db, shown),
    }
  );
}

/** What is shown, where it is good: a person's role is what the issuer says, who is asked again once in a while. */
async function checked(
  { keys, people }: Parts,
  shown: KeyProof | ShownSession,
): Promise<CheckedKey | undefined> {
  const key = await keys.check(shown);
  if (key?.kind !== "person") return key;
  // Of an issuer that nobody signs in at any more.
  if (!people || !("text" in shown)) return undefined;
  const role = await people.checkRole(shown, key);
  if (role === "kept") return key;
  keys.forget(shown.id);
  return role === "read" ? keys.check(shown) : undefined;
}
