import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIdentitySettings } from "../../src/access/identity-settings.ts";
import { readRolesFile, roleByClaims } from "../../src/domain/access/roles-file.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import { OidcClient } from "../../src/server/auth/oidc-client.ts";
import { openTokens, sealTokens } from "../../src/server/auth/sealed-tokens.ts";
import { openTokenIssuer, PUBLIC_URL, type TokenIssuer } from "./support/token-issuer.ts";

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await openTokenIssuer({ sub: "ann", groups: ["support"], aud: "sluice" });
});
afterAll(() => issuer.close());

const client = (allow = "127.0.0.1", at = issuer.issuer) =>
  new OidcClient(
    { issuer: at, clientId: "sluice", clientSecret: "s", scopes: "openid", rolesFile: "" },
    PUBLIC_URL,
    "groups",
    readPermittedAddresses(allow),
  );
const now = () => Math.floor(Date.now() / 1_000);

/** What a sign-in comes to at an issuer that gives this ID token for its code. */
async function finish(
  idToken: (nonce: string) => Promise<string> | string,
  answer: Record<string, string> = {},
) {
  const server = client();
  const { transaction } = await server.begin("/");
  issuer.idToken = await idToken(transaction.nonce);
  return server.finish(new URLSearchParams({ code: "c", state: transaction.state, ...answer }), transaction);
}

describe("an ID token", () => {
  it("names somebody when it is of the issuer, for the server and for this sign-in", async () => {
    expect(await finish((nonce) => issuer.sign({ nonce }))).toMatchObject({
      subject: "ann",
      claims: { groups: ["support"] },
      tokens: { access: "a" },
    });
  });

  const bad: readonly [what: string, token: (nonce: string) => Promise<string> | string][] = [
    ["of another issuer", (nonce) => issuer.sign({ nonce, iss: "https://evil.example" })],
    ["for another client", (nonce) => issuer.sign({ nonce, aud: "another" })],
    ["that has expired", (nonce) => issuer.sign({ nonce, iat: now() - 900, exp: now() - 600 })],
    ["of another sign-in", () => issuer.sign({ nonce: "another" })],
    ["of no sign-in", () => issuer.sign()],
    ["that names nobody", (nonce) => issuer.sign({ nonce, sub: undefined })],
    [
      "signed with another key",
      async (nonce) => issuer.sign({ nonce }, { key: (await generateKeyPair("RS256")).privateKey }),
    ],
    [
      "that is not signed",
      (nonce) =>
        new UnsecuredJWT({ nonce, iss: issuer.issuer, aud: "sluice", sub: "ann" })
          .setIssuedAt()
          .setExpirationTime("5m")
          .encode(),
    ],
    [
      "signed with the client's secret",
      (nonce) =>
        new SignJWT({ nonce, iss: issuer.issuer, aud: "sluice", sub: "ann" })
          .setProtectedHeader({ alg: "HS256" })
          .setIssuedAt()
          .setExpirationTime("5m")
          .sign(new TextEncoder().encode("s".repeat(32))),
    ],
  ];
  it.each(bad)("%s lets nobody in", async (_, token) => {
    await expect(finish(token)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("is not asked for where the issuer says no, or says that it is another one", async () => {
    const asked = issuer.asked.filter((path) => path === "/token").length;
    const good = (nonce: string) => issuer.sign({ nonce });
    for (const answer of [{ error: "access_denied" }, { state: "another" }, { iss: "https://evil.example" }])
      await expect(finish(good, answer)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(issuer.asked.filter((path) => path === "/token").length).toBe(asked);
  });
});

describe("an issuer", () => {
  it("is not asked where nothing is sent to, and not believed where it is another one", async () => {
    const before = issuer.asked.length;
    await expect(client("").begin("/")).rejects.toMatchObject({
      code: "unavailable",
      cause: { code: "forbidden" },
    });
    expect(issuer.asked.length).toBe(before);
    await expect(
      client("localhost", issuer.issuer.replace("127.0.0.1", "localhost")).begin("/"),
    ).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("the settings of a sign-in", () => {
  const read = (settings: Record<string, string>) => {
    const value = (name: string) => settings[name];
    return readIdentitySettings(value, value, readPermittedAddresses(""));
  };
  const whole = {
    SLUICE_PUBLIC_URL: PUBLIC_URL,
    SLUICE_OIDC_ISSUER: "https://idp.example",
    SLUICE_OIDC_CLIENT_ID: "x",
    SLUICE_OIDC_ROLES: "f",
  };

  it("go together", () => {
    expect(read(whole).oidc).toMatchObject({ issuer: "https://idp.example", scopes: "openid email" });
    for (const name of ["SLUICE_PUBLIC_URL", "SLUICE_OIDC_CLIENT_ID", "SLUICE_OIDC_ROLES"] as const) {
      const { [name]: _, ...rest } = whole;
      expect(() => read(rest), name).toThrow(/takes SLUICE_OIDC_CLIENT_ID, SLUICE_OIDC_ROLES/);
    }
    expect(() => read({ ...whole, SLUICE_OIDC_ISSUER: "http://idp.example" })).toThrow(/no issuer's address/);
    for (const address of [
      "sluice.example",
      "http://sluice.example",
      "https://sluice.example/x",
      "https://a:b@sluice.example",
    ])
      expect(() => read({ SLUICE_PUBLIC_URL: address }), address).toThrow(/SLUICE_PUBLIC_URL/);
  });

  it("have a file of roles, of which the first that fits counts", () => {
    const roles = readRolesFile(
      "{claim: groups, roles: [{value: a, role: editor, grants: {labels: [staging]}}, {value: b, role: admin}]}",
      "f",
    );
    expect(roleByClaims(roles, { groups: ["b", "a"] })).toEqual({
      role: "editor",
      grants: { labels: ["staging"] },
    });
    expect(roleByClaims(roles, { groups: "b" })).toEqual({ role: "admin", grants: {} });
    for (const groups of [undefined, [], "ab", ["A"], { a: true }, [["a"]]])
      expect(roleByClaims(roles, { groups })).toBeUndefined();
    for (const [text, told] of [
      ["{claim: groups, roles: []}", /nobody could sign in/],
      ["{claim: groups, roles: [{value: a, role: owner}]}", /^f:1:/],
      ["{claim: groups, roles: [{value: a, role: admin, grant: {}}]}", /^f:1:/],
      ["{claim: groups, roles: [{value: a, role: admin}, {value: a, role: viewer}]}", /twice/],
      ["{claim: groups, roles: [{value: a, role: viewer, grants: {labels: [no label]}}]}", /label/],
    ] as const)
      expect(() => readRolesFile(text, "f"), text).toThrow(told);
  });

  it("leave an issuer's tokens to the session that they were sealed for", () => {
    const sealed = sealTokens({ refresh: "r" }, "one");
    expect(sealed.includes('r"')).toBe(false);
    expect(openTokens(sealed, "one")).toEqual({ refresh: "r" });
    expect(openTokens(sealed, "another")).toBeUndefined();
    sealed[sealed.length - 1]! ^= 1;
    expect(openTokens(sealed, "one")).toBeUndefined();
    expect(openTokens(Buffer.alloc(0), "one")).toBeUndefined();
  });
});
