import { parseCookie, type SetCookie, stringifySetCookie } from "cookie";
import { type KeyProof, readKey } from "../../access/key-text.ts";

/** How browsers reach the server. */
export interface BrowserSettings {
  /** By TLS, the server's own or a proxy's; otherwise on this machine alone. */
  readonly secure: boolean;
  /** Where pages of the server come from, where that was said. */
  readonly origin: string | undefined;
}

/** A session as a browser shows it: with its text, which is kept nowhere else. */
export interface ShownSession extends KeyProof {
  readonly text: string;
}

const LONGEST_SECONDS = 7 * 86_400;

/** A name of this beginning is taken by browsers from this host alone, over TLS; without TLS there is none such. */
const nameOf = ({ secure }: BrowserSettings) => (secure ? "__Host-sluice" : "sluice");

/** The session that a request's cookie shows, `bad` when it cannot be one, undefined where there is no such cookie. */
export function sessionInCookie(
  header: string | undefined,
  browsers: BrowserSettings,
): ShownSession | "bad" | undefined {
  const text = header === undefined ? undefined : parseCookie(header)[nameOf(browsers)];
  if (text === undefined || text === "") return undefined;
  const shown = readKey(text, "session");
  return shown ? { ...shown, text } : "bad";
}

/** The header that gives a browser its session. */
export function sessionCookie(text: string, browsers: BrowserSettings): string {
  return cookie(text, LONGEST_SECONDS, browsers);
}

/** The header that takes a browser's session away. */
export function endedCookie(browsers: BrowserSettings): string {
  return cookie("", 0, browsers);
}

function cookie(value: string, maxAge: number, browsers: BrowserSettings): string {
  const common = { httpOnly: true, secure: browsers.secure, path: "/" } satisfies Partial<SetCookie>;
  return stringifySetCookie({ ...common, name: nameOf(browsers), value, maxAge, sameSite: "strict" });
}
