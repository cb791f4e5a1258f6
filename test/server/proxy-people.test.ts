import { describe, expect, it } from "vitest";
import { readIdentityProxy } from "../../src/access/identity-proxy.ts";
import { ProxyPeople } from "../../src/server/auth/proxy-people.ts";

const SETTINGS = {
  SLUICE_PROXY_USER_HEADER: "X-User",
  SLUICE_PROXY_SECRET: "0123456789abcdef",
  SLUICE_PROXY_ROLES: "f",
};
const read = (settings: Record<string, string>, peers = ["10.0.0.0/8", "fd00::/8"]) => {
  const value = (name: string) => settings[name];
  return readIdentityProxy(value, value, peers);
};
const ROLES = { claim: "user", roles: [{ value: "ann", role: "viewer", grants: {} }] } as const;

/** Whether somebody is believed, who is refused in the next step: they have no role. */
async function isBelieved(
  peer: string | undefined,
  headers: Record<string, string | string[]>,
): Promise<boolean> {
  // Nobody in these tests gets as far as the database.
  const people = new ProxyPeople(read(SETTINGS)!, ROLES, undefined as never);
  try {
    return (await people.shownBy(peer, headers)) !== undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: "forbidden" });
    return true;
  }
}
const HEADERS = { "x-user": "bob", "sluice-proxy-secret": "0123456789abcdef" };

describe("whom a proxy names", () => {
  it.each([
    ["10.1.2.3", true],
    ["::ffff:10.1.2.3", true],
    ["fd00::1", true],
    ["11.0.0.1", false],
    ["127.0.0.1", false],
    ["::ffff:11.0.0.1", false],
    [undefined, false],
  ])("is believed of the peer %s: %s", async (peer, believed) => {
    expect(await isBelieved(peer, HEADERS)).toBe(believed);
    // What a header says of where it comes from is nothing.
    expect(await isBelieved(peer, { ...HEADERS, "x-forwarded-for": "10.1.2.3" })).toBe(believed);
  });

  it.each([
    [{ ...HEADERS, "sluice-proxy-secret": "0123456789abcdeg" }],
    [{ "x-user": "bob" }],
    [{ ...HEADERS, "x-user": "" }],
    [{ ...HEADERS, "x-user": " bob" }],
    [{ ...HEADERS, "x-user": "b\u0000b" }],
    [{ ...HEADERS, "x-user": "b".repeat(201) }],
    [{ ...HEADERS, "x-user": ["ann", "bob"] }],
  ] as [Record<string, string | string[]>][])("is nobody: %j", async (headers) => {
    expect(await isBelieved("10.1.2.3", headers)).toBe(false);
  });

  it("is believed of no proxy that is not named whole", () => {
    expect(read({})).toBeUndefined();
    expect(() => read(SETTINGS, [])).toThrow(/takes SLUICE_TRUSTED_PROXIES/);
    for (const name of ["SLUICE_PROXY_SECRET", "SLUICE_PROXY_ROLES"] as const) {
      const { [name]: _, ...rest } = SETTINGS;
      expect(() => read(rest), name).toThrow(/takes SLUICE_TRUSTED_PROXIES, SLUICE_PROXY_SECRET/);
    }
    expect(() => read({ ...SETTINGS, SLUICE_PROXY_SECRET: "short" })).toThrow(/could be guessed/);
    for (const header of ["x user", "Authorization", "cookie"])
      expect(() => read({ ...SETTINGS, SLUICE_PROXY_USER_HEADER: header }), header).toThrow(
        /names of headers/,
      );
  });
});
