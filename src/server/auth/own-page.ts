import type { IncomingHttpHeaders } from "node:http";
import { SluiceError } from "../../domain/errors.ts";
import { isLoopbackHost } from "../../domain/addresses/loopback-host.ts";
import { RequestRefused } from "../requests/problem.ts";
import type { BrowserSettings } from "./session-cookie.ts";

const SAFE = new Set(["GET", "HEAD"]);
/** What a form of another site cannot send. */
const TAKEN = /^(application\/json|(application|text)\/(x-)?yaml)\s*(;|$)/i;

/**
 * Refuses a change that a browser sends with its cookie, unless a page of the server itself makes it: a cookie goes
 * along with whatever another site has the browser send. `forbidden`, or `unsupported` for a form's content type.
 */
export function assertOwnPage(method: string, headers: IncomingHttpHeaders, browsers: BrowserSettings): void {
  if (SAFE.has(method)) return;
  if (!isOwnPage(headers, browsers, "must be said")) throw notOwnPage();
  const type = headers["content-type"];
  if (type !== undefined && !TAKEN.test(type))
    throw new RequestRefused("unsupported", "with a session, send application/json or application/yaml");
}

/** Refuses a sign-in that another site has a browser send; whoever is no browser says nothing of a site. */
export function assertOwnSignIn(headers: IncomingHttpHeaders, browsers: BrowserSettings): void {
  if (!isOwnPage(headers, browsers, "may be missing")) throw notOwnPage();
}

function isOwnPage(
  { "sec-fetch-site": site, origin, host }: IncomingHttpHeaders,
  browsers: BrowserSettings,
  word: "must be said" | "may be missing",
): boolean {
  if (site !== undefined) return site === "same-origin";
  if (origin === undefined) return word === "may be missing";
  return origin === browsers.origin || (!browsers.secure && isOwnLoopback(origin, host));
}

/** Where nobody has said what the server is called, it is reached on this machine. */
function isOwnLoopback(origin: string, host: string | undefined): boolean {
  return origin === `http://${host}` && isLoopbackHost(URL.parse(origin)?.hostname ?? "");
}

function notOwnPage(): SluiceError {
  return new SluiceError(
    "forbidden",
    "with a session, changes are made by pages of this server alone; a program sends a key: Authorization: Bearer KEY",
  );
}
