import { describe, expect, it } from "vitest";
import { readPermittedAddresses, refusedAddress } from "../../src/outbound/permitted-addresses.ts";

const none = readPermittedAddresses("");

describe("an address that is not of the internet", () => {
  it.each([
    [
      "loopback",
      ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:7f00:1"],
    ],
    ["link-local", ["169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254"]],
    [
      "private",
      ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12::1"],
    ],
    ["unspecified", ["0.0.0.0", "0.1.2.3", "::"]],
    ["reserved", ["198.18.0.1", "255.255.255.255", "64:ff9b::7f00:1", "2002:7f00:1::"]],
    ["multicast", ["224.0.0.1", "ff02::1"]],
  ])("is refused as what it is: %s", (kind, addresses) => {
    for (const address of addresses) expect(refusedAddress(address, "hooks.example", none)).toBe(kind);
  });

  it("is taken when it, its network or its name is allowed, and nothing beside it is", () => {
    const allowed = readPermittedAddresses("10.1.0.0/16, fd00::/8 127.0.0.1,Hooks.Internal");
    expect(refusedAddress("10.1.2.3", "x", allowed)).toBeUndefined();
    expect(refusedAddress("::ffff:10.1.2.3", "x", allowed)).toBeUndefined();
    expect(refusedAddress("10.2.0.1", "x", allowed)).toBe("private");
    expect(refusedAddress("fd00::5", "x", allowed)).toBeUndefined();
    expect(refusedAddress("127.0.0.1", "localhost", allowed)).toBeUndefined();
    expect(refusedAddress("127.0.0.2", "localhost", allowed)).toBe("loopback");
    expect(refusedAddress("10.2.0.1", "hooks.internal", allowed)).toBeUndefined();
    expect(refusedAddress("10.2.0.1", "hooks.internal.evil.example", allowed)).toBe("private");
  });

  it("is told from one that is", () => {
    for (const address of ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
      expect(refusedAddress(address, "hooks.example", none)).toBeUndefined();
  });

  it("is not allowed by what cannot be read", () => {
    expect(() => readPermittedAddresses("10.0.0.0/99")).toThrow(/neither a host nor a network/);
    expect(() => readPermittedAddresses("http://x/")).toThrow(/neither a host nor a network/);
  });
});
