import { describe, expect, it } from "vitest";
import { makeKey } from "../../src/access/key-text.ts";
import { assertOwnPage, assertOwnSignIn } from "../../src/server/auth/own-page.ts";
import { endedCookie, sessionCookie, sessionInCookie } from "../../src/server/auth/session-cookie.ts";

const SECURE = { secure: true, origin: "https://sluice.example" };
const LOCAL = { secure: false, origin: undefined };
const JSON_TYPE = { "content-type": "application/json" };

describe("a change that a browser sends with its cookie", () => {
  const own = [
    [SECURE, { "sec-fetch-site": "same-origin", ...JSON_TYPE }],
    [SECURE, { "sec-fetch-site": "same-origin" }],
    [SECURE, { "sec-fetch-site": "same-origin", "content-type": "application/yaml; charset=utf-8" }],
    [SECURE, { origin: "https://sluice.example", ...JSON_TYPE }],
    [LOCAL, { origin: "http://127.0.0.1:7200", host: "127.0.0.1:7200" }],
    [LOCAL, { origin: "http://localhost:7200", host: "localhost:7200" }],
  ] as const;
  it.each(own)("to %j is taken from a page of the server: %j", (browsers, headers) => {
    expect(() => assertOwnPage("POST", headers, browsers)).not.toThrow();
  });

  const foreign = [
    [
      "a form of another site",
      SECURE,
      { "sec-fetch-site": "cross-site", "content-type": "application/x-www-form-urlencoded" },
    ],
    ["a fetch of another site", SECURE, { "sec-fetch-site": "cross-site", ...JSON_TYPE }],
    ["a page of a sibling host", SECURE, { "sec-fetch-site": "same-site", ...JSON_TYPE }],
    ["an address that was typed", SECURE, { "sec-fetch-site": "none", ...JSON_TYPE }],
    [
      "one that lies about its origin beside",
      SECURE,
      { "sec-fetch-site": "cross-site", origin: "https://sluice.example" },
    ],
    ["another origin", SECURE, { origin: "https://evil.example", ...JSON_TYPE }],
    ["the same host without TLS", SECURE, { origin: "http://sluice.example", host: "sluice.example" }],
    ["an origin that is kept back", SECURE, { origin: "null", ...JSON_TYPE }],
    ["nobody says where", SECURE, JSON_TYPE],
    ["another port of this machine", LOCAL, { origin: "http://127.0.0.1:9000", host: "127.0.0.1:7200" }],
    [
      "a name that leads to this machine",
      LOCAL,
      { origin: "http://evil.example:7200", host: "evil.example:7200" },
    ],
    ["this machine, to a public server", SECURE, { origin: "http://127.0.0.1:7200", host: "127.0.0.1:7200" }],
  ] as const;
  it.each(foreign)("is refused from %s", (_, browsers, headers) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect(() => assertOwnPage(method, headers, browsers)).toThrow(/pages of this server alone/);
    expect(() => assertOwnPage("GET", headers, browsers)).not.toThrow();
  });

  it.each([
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "",
  ])("is refused as %j, which a form could send, from wherever it comes", (type) => {
    const headers = { "sec-fetch-site": "same-origin", "content-type": type };
    expect(() => assertOwnPage("POST", headers, SECURE)).toThrow(/application\/json/);
  });

  it("may begin where no browser is, and not at another site", () => {
    expect(() => assertOwnSignIn({}, SECURE)).not.toThrow();
    expect(() => assertOwnSignIn({ "sec-fetch-site": "same-origin" }, SECURE)).not.toThrow();
    expect(() => assertOwnSignIn({ "sec-fetch-site": "cross-site" }, SECURE)).toThrow(/this server alone/);
    expect(() => assertOwnSignIn({ origin: "https://evil.example" }, SECURE)).toThrow(/this server alone/);
  });
});

describe("a session's cookie", () => {
  const { text, id } = makeKey("session");

  it("is of this host alone over TLS, and out of reach of scripts and other sites", () => {
    expect(sessionCookie(text, SECURE)).toBe(
      `__Host-sluice=${text}; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Strict`,
    );
    expect(sessionCookie(text, LOCAL)).toBe(
      `sluice=${text}; Max-Age=604800; Path=/; HttpOnly; SameSite=Strict`,
    );
    expect(endedCookie(SECURE)).toMatch(/^__Host-sluice=; Max-Age=0; /);
  });

  it("is read by its own name, and holds nothing but a session", () => {
    expect(sessionInCookie(`a=1; __Host-sluice=${text}`, SECURE)).toMatchObject({ id });
    expect(sessionInCookie(`sluice=${text}`, SECURE)).toBeUndefined();
    expect(sessionInCookie(undefined, SECURE)).toBeUndefined();
    for (const other of [makeKey().text, makeKey("token").text, `${text}x`, "%ZZ"])
      expect(sessionInCookie(`sluice=${other}`, LOCAL)).toBe("bad");
  });
});
