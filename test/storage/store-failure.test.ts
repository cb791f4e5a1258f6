import { describe, expect, it } from "vitest";
import { SluiceError, unavailable } from "../../src/domain/errors.ts";
import { isConnectionError, isFinal, isStoreTrouble } from "../../src/storage/store-failure.ts";

const failing = (code: string, more: object = {}) =>
  Object.assign(new Error(`failed with ${code}`), { code, ...more });

describe("an error of the store", () => {
  it.each([
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EHOSTDOWN",
    "ECONNABORTED",
    "ENETDOWN",
    "EADDRNOTAVAIL",
    "EMFILE",
    "ENOENT",
  ])("passes when the network or the system has no way: %s", (code) => {
    expect(isConnectionError(failing(code))).toBe(true);
    expect(isFinal(failing(code))).toBe(false);
  });

  it.each([
    ["a server that is read-only", "25006"],
    ["a statement that took too long", "57014"],
    ["a disk that is full", "53100"],
    ["memory that is used up", "53200"],
    ["a transaction that has failed", "25P02"],
    ["a transaction that was idle too long", "25P03"],
    ["a session that was idle too long", "57P05"],
    ["a file that cannot be read", "58030"],
    ["a login that is refused for now", "28000"],
    ["a database that is not there yet", "3D000"],
    ["a broken server", "XX000"],
    ["a database that is being dropped", "57P04"],
    ["a lock that was not given", "55P03"],
    ["a serialisation failure", "40001"],
  ])("passes with %s (%s)", (_, code) => {
    expect(isStoreTrouble(failing(code))).toBe(true);
    expect(isFinal(failing(code))).toBe(false);
  });

  it.each(["22P02", "23505", "23514", "42P01", "42501", "0A000", "21000", "P0001"])(
    "is final when the statement or its data is wrong: %s",
    (code) => {
      expect(isFinal(failing(code))).toBe(true);
      expect(isStoreTrouble(failing(code))).toBe(false);
    },
  );

  it("is final when it is a programming error, unless its cause may pass", () => {
    expect(isFinal(new TypeError("x is not a function"))).toBe(true);
    expect(isFinal(new RangeError("invalid array length"))).toBe(true);
    expect(isFinal(new TypeError("fetch failed", { cause: failing("ECONNREFUSED") }))).toBe(false);
  });

  it("passes when nobody has foreseen it", () => {
    expect(isFinal(new Error("something new"))).toBe(false);
    expect(isFinal("a string")).toBe(false);
  });

  it("is what it says it is when it is one of ours", () => {
    expect(isFinal(unavailable("away"))).toBe(false);
    expect(isFinal(new SluiceError("conflict", "moved meanwhile"))).toBe(true);
  });

  it("is no sign that Postgres is away when a file is missing", () => {
    expect(isConnectionError(failing("ENOENT", { path: "/etc/nothing", syscall: "open" }))).toBe(false);
  });

  it("says that Postgres is away whatever the driver calls it", () => {
    for (const message of [
      "Connection terminated unexpectedly",
      "Connection terminated due to connection timeout",
      "timeout exceeded when trying to connect",
      "Client has encountered a connection error and is not queryable",
    ])
      expect(isConnectionError(new Error(message))).toBe(true);
  });
});
