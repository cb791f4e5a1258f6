import { describe, expect, it } from "vitest";
import { SluiceError } from "../../src/domain/errors.ts";
import { sql } from "kysely";
import { withDatabase } from "../../src/storage/database.ts";
import { storeError } from "../../src/storage/store-error.ts";
import { refusingPostgres, type Refusal } from "../support/refusing-postgres.ts";

/** What is said when a query is asked of the database at an address. */
async function said(url: string): Promise<SluiceError> {
  const thrown = await withDatabase(url, (db) => sql`select 1`.execute(db)).then(
    () => undefined,
    (error: unknown) => storeError(url, error),
  );
  expect(thrown).toBeInstanceOf(SluiceError);
  expect((thrown as SluiceError).message).not.toContain("SECRET");
  return thrown as SluiceError;
}

async function refused(options: { tls: boolean; refusal?: Refusal }, query = ""): Promise<SluiceError> {
  const server = await refusingPostgres(options);
  try {
    const { message, code } = await said(`postgres://u:SECRET@127.0.0.1:${server.port}/app${query}`);
    return new SluiceError(code, message.replaceAll(String(server.port), "PORT"));
  } finally {
    server.close();
  }
}

describe("what goes wrong between here and Postgres is one line with what, where, cause and what to do", () => {
  it("a server without TLS, where the address asks for it", async () => {
    const { message, code } = await refused({ tls: false }, "?sslmode=require");
    expect(message).toBe(
      "Postgres at 127.0.0.1:PORT/app speaks no TLS, and sslmode=require asks for it; turn it on there, or write sslmode=disable into DATABASE_URL where the network is trusted",
    );
    expect(code).toBe("unavailable");
  });

  it("a certificate that nobody trusts, and none the less where the address takes any", async () => {
    const { message, code } = await refused({ tls: true }, "?sslmode=require");
    expect(message).toMatch(
      /^Postgres at 127\.0\.0\.1:PORT\/app shows a certificate that is not trusted \(self-signed certificate\); name its authority/,
    );
    expect(code).toBe("unavailable");
    const taken = await refused(
      { tls: true, refusal: { code: "28P01", message: "wrong" } },
      "?sslmode=no-verify",
    );
    expect(taken.message).toContain("refuses the login (wrong)");
  });

  it.each<[string, Refusal, string, string]>([
    [
      "a pooler that does not know the user",
      { code: "XX000", message: "Tenant or user not found" },
      "unavailable",
      "the pooler at 127.0.0.1:PORT/app refuses (Tenant or user not found); check the user name",
    ],
    [
      "a login without TLS where it is wanted",
      { code: "28000", message: 'no pg_hba.conf entry for host "1.2.3.4", no encryption' },
      "unavailable",
      "write sslmode=verify-full into DATABASE_URL",
    ],
    [
      "a read-only replica",
      { code: "25006", message: "cannot execute INSERT in a read-only transaction" },
      "unavailable",
      "is read-only (cannot execute INSERT in a read-only transaction): it is a replica, or a fail-over is under way; name the primary",
    ],
    [
      "a server that is full",
      { code: "53300", message: "sorry, too many clients already" },
      "unavailable",
      "is there, but has no connection left",
    ],
    [
      "a server that starts",
      { code: "57P03", message: "the database system is starting up" },
      "unavailable",
      "cannot be reached (57P03)",
    ],
    [
      "a full disk",
      { code: "53100", message: "could not extend file" },
      "unavailable",
      "cannot do this now: could not extend file",
    ],
    [
      "a failure that nobody foresaw",
      { code: "XX001", message: "invalid page\nin block 7 \u001b[2J" },
      "unavailable",
      "cannot do this now: invalid page in block 7 \\u001b[2J; try again",
    ],
    [
      "a database that is not there",
      { code: "3D000", message: 'database "app" does not exist' },
      "unavailable",
      "create it",
    ],
  ])("%s", async (_, refusal, code, text) => {
    const error = await refused({ tls: false, refusal });
    expect(error.message).toContain(text);
    expect(error.code).toBe(code);
  });

  it("a socket, a name and a port with nothing behind them, and a certificate that is not there", async () => {
    const cases: Record<string, RegExp> = {
      "postgres://u:SECRET@/app?host=/cloudsql/p:r:i":
        /^Postgres at the socket in \/cloudsql\/p:r:i, database app cannot be reached \(ENOENT\)/,
      "postgres://u:SEC#RET@127.0.0.1:1/app":
        /^Postgres at 127\.0\.0\.1:1\/app cannot be reached \(ECONNREFUSED\)/,
      "postgres://u:SECRET@127.0.0.1:1/app?sslmode=verify-full&sslrootcert=/nope.pem":
        /^DATABASE_URL names a certificate or key at \/nope\.pem, which cannot be read \(ENOENT\)/,
    };
    for (const [url, message] of Object.entries(cases)) expect((await said(url)).message).toMatch(message);
  });
});
