import pg from "pg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPostgresAddress } from "../../../src/domain/addresses/postgres-address.ts";

/** What `pg` itself would connect with. */
function connected(text: string) {
  const { where, connectionString } = readPostgresAddress(text);
  const client = new pg.Client({ connectionString }) as pg.Client & { ssl: unknown; password: string };
  const { user, password, host, port, database, ssl } = client;
  return { where, user, password, host, port, database, ssl };
}

describe("an address of Postgres", () => {
  it.each([
    [
      "postgres://u:PW@db.example:6543/app",
      {
        user: "u",
        password: "PW",
        host: "db.example",
        port: 6543,
        database: "app",
        where: "db.example:6543/app",
        ssl: false,
      },
    ],
    ["postgresql://u@db/app", { user: "u", host: "db", port: 5432, where: "db:5432/app" }],
    [
      "postgres://u:PW@/app?host=/cloudsql/p:r:i",
      {
        user: "u",
        password: "PW",
        host: "/cloudsql/p:r:i",
        database: "app",
        where: "the socket in /cloudsql/p:r:i, database app",
      },
    ],
    [
      "postgres://u:PW@%2Fvar%2Frun/app",
      { host: "/var/run", database: "app", where: "the socket in /var/run, database app" },
    ],
    [
      "postgres:///app?host=/tmp&user=u&password=PW",
      { user: "u", password: "PW", host: "/tmp", where: "the socket in /tmp, database app" },
    ],
    ["postgres://u:PW@[::1]:7/app", { host: "::1", port: 7, where: "[::1]:7/app" }],
    ["postgres://u:p%40w%2Fx@db/app", { password: "p@w/x", where: "db:5432/app" }],
    ["postgres://u:100%@db/app", { password: "100%" }],
    ["postgres://u@corp:PW@db/app", { user: "u@corp", password: "PW", where: "db:5432/app" }],
    [
      "postgres://u:PW@db/app?application_name=a@b&sslmode=disable",
      { password: "PW", host: "db", ssl: false },
    ],
    ["postgres://u:PW@db/app?sslmode=no-verify", { ssl: { rejectUnauthorized: false } }],
    ["postgres://u:PW@db/app?sslmode=require", { ssl: {} }],
    ["postgres://u:PW@db/app?ssl=true", { ssl: {} }],
    ["postgres://u:PW@db:5433", { port: 5433, where: "db:5433" }],
  ])("is read as it is meant: %s", (text, expected) => {
    expect(connected(text)).toMatchObject(expected);
  });

  it("takes a password with any character as it stands, and prints none of it", () => {
    for (const password of [
      "p#w",
      "p?w",
      "p/w",
      "p@w",
      "1?w",
      "12/w",
      "a@b:c",
      "#?/@",
      "p@host/x?y=z",
      ":::",
      "ü 🔑",
    ]) {
      const read = connected(`postgres://u:${password}@db.example:6543/app?sslmode=disable`);
      expect(read).toMatchObject({
        user: "u",
        password,
        host: "db.example",
        port: 6543,
        where: "db.example:6543/app",
      });
    }
  });

  it("is read back whatever its parts are, and where it is says nothing of user and password", () => {
    const secret = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .map((text) => text.replaceAll("\0", "x"));
    fc.assert(
      fc.property(secret, secret, (user, password) => {
        const text = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db:1/app`;
        const read = connected(text);
        expect([read.user, read.password, read.where]).toEqual([user, password, "db:1/app"]);
      }),
    );
  });

  it.each([
    ["mysql://u:SECRET@db/app", "must start with postgres://"],
    ["SECRET", "must start with postgres://"],
    ["postgres://u:SECRET@db:abc/app", "needs a port from 1 to 65535"],
    ["postgres://u:SECRET@db:70000/app", "needs a port from 1 to 65535"],
    ["postgres://u:SECRET@a,b:5432/app", "names several hosts"],
    ["postgres://u:SECRET@a:1,b:2/app", "names several hosts"],
    ["postgres://u:SECRET@db/app?host=a,b", "names several hosts"],
    ["postgres://u:SECRET@d b/app", "is not a valid address"],
    ["postgres://u:SECRET@", undefined],
    [
      "postgres://u:SECRET@db/app?sslmode=requier",
      'sslmode="requier" is not known; use one of disable, prefer, require, verify-ca, verify-full, no-verify; did you mean "require"?',
    ],
  ])("that cannot be read is refused without a part of it: %s", (text, problem) => {
    const said = (() => {
      try {
        return readPostgresAddress(text, "DATABASE_URL").where;
      } catch (error) {
        expect((error as { code?: string }).code).toBe("invalid_input");
        return (error as Error).message;
      }
    })();
    if (problem) expect(said).toContain(problem);
    expect(said).not.toContain("SECRET");
  });
});
