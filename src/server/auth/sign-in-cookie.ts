import { parseCookie, stringifySetCookie } from "cookie";
import * as v from "valibot";
import type { SignInTransaction } from "./oidc-client.ts";
import type { BrowserSettings } from "./session-cookie.ts";

const LONGEST_SECONDS = 600;

const nameOf = ({ secure }: BrowserSettings) => (secure ? "__Host-sluice-login" : "sluice-login");

const shape = v.strictObject({
  state: v.string(),
  nonce: v.string(),
  verifier: v.string(),
  returnTo: v.string(),
});

/**
 * What a browser has to bring back from the issuer. It comes from another site then, so the cookie is `Lax`; the
 * session's own is not.
 */
export function signInCookie(transaction: SignInTransaction, browsers: BrowserSettings): string {
  const value = Buffer.from(JSON.stringify(transaction)).toString("base64url");
  return cookie(value, LONGEST_SECONDS, browsers);
}

export function endedSignInCookie(browsers: BrowserSettings): string {
  return cookie("", 0, browsers);
}

/** Undefined where the browser brings none. */
export function signInOf(
  header: string | undefined,
  browsers: BrowserSettings,
): SignInTransaction | undefined {
  const value = header === undefined ? undefined : parseCookie(header)[nameOf(browsers)];
  if (value === undefined) return undefined;
  try {
    const found = v.safeParse(shape, JSON.parse(Buffer.from(value, "base64url").toString("utf8")));
    return found.success ? found.output : undefined;
  } catch {
    return undefined;
  }
}

function cookie(value: string, maxAge: number, browsers: BrowserSettings): string {
  return stringifySetCookie({
    name: nameOf(browsers),
    value,
    maxAge,
    httpOnly: true,
    secure: browsers.secure,
    sameSite: "lax",
    path: "/",
  });
}
