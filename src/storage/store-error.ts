import { conflict, invalidInput, SluiceError, unavailable } from "../domain/errors.ts";
import { readPostgresAddress } from "../domain/addresses/postgres-address.ts";
import { databaseUnavailable } from "./database.ts";
import { isConnectionError, isStoreTrouble } from "./store-failure.ts";

const NOT_MIGRATED = new Set(["42P01", "42703", "42883", "3F000"]);
const REFUSED_LOGIN = new Set(["28000", "28P01"]);
const UNTRUSTED = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT)/;
/**
 * What goes wrong between here and Postgres, as one line with what, where, cause and what to do. What is no such
 * thing, or is a statement of ours that is wrong, stays as it is.
 */
export function storeError(url: string, error: unknown): unknown {
  if (error instanceof SluiceError || !(error instanceof Error)) return error;
  const { where, sslmode } = readPostgresAddress(url);
  const { code, syscall, path } = error as { code?: unknown; syscall?: unknown; path?: unknown };
  const { message } = error;
  const unreachable = (text: string, facts = {}) => unavailable(text, { where, code, ...facts }, error);
  if (/does not support SSL/i.test(message))
    return unreachable(
      `Postgres at ${where} speaks no TLS, and sslmode=${sslmode ?? "require"} asks for it; turn it on there, or write sslmode=disable into DATABASE_URL where the network is trusted`,
    );
  if (/client password must be a string|password must be a non-empty string/i.test(message))
    return unreachable(`Postgres at ${where} asks for a password, and DATABASE_URL has none; add it`);
  if (typeof code !== "string") return isConnectionError(error) ? databaseUnavailable(url, error) : error;
  if (syscall === "open")
    return invalidInput(
      `DATABASE_URL names a certificate or key at ${String(path)}, which cannot be read (${code}); name a readable file`,
    );
  if (UNTRUSTED.test(code))
    return unreachable(
      `Postgres at ${where} shows a certificate that is not trusted (${message.split(";", 1)[0]}); name its authority with sslrootcert=FILE in DATABASE_URL, or take any with sslmode=no-verify`,
    );
  if (/^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(code))
    return unreachable(`TLS with Postgres at ${where} fails (${message}); check sslmode in DATABASE_URL`);
  if (REFUSED_LOGIN.has(code))
    return unreachable(
      /no encryption/.test(message)
        ? `Postgres at ${where} refuses the login without TLS (${message}); write sslmode=verify-full into DATABASE_URL`
        : `Postgres at ${where} refuses the login (${message}); check user and password in DATABASE_URL`,
    );
  if (code === "3D000")
    return unreachable(`Postgres at ${where}: ${message}; create it, or check DATABASE_URL`);
  if (/(?:tenant|user).* not found/i.test(message))
    return unreachable(
      `the pooler at ${where} refuses (${message}); check the user name in DATABASE_URL, which a pooler often wants as user.PROJECT, and the host`,
    );
  if (code === "25006")
    return unreachable(
      `Postgres at ${where} is read-only (${message}): it is a replica, or a fail-over is under way; name the primary in DATABASE_URL, or try again when it is over`,
    );
  if (code === "53300")
    return unreachable(
      `Postgres at ${where} is there, but has no connection left (${message}); end some, raise max_connections, or log in with a role for which connections are reserved (docs/reference/operations.md)`,
    );
  if (isConnectionError(error)) return databaseUnavailable(url, error);
  if (NOT_MIGRATED.has(code))
    return conflict("the database is not migrated, or not to this Sluice's version; run: sluice migrate", {
      code,
    });
  if (code === "42501")
    return new SluiceError("forbidden", `Postgres refuses: ${message}; ask whoever owns the schema`, {
      code,
    });
  if (!isStoreTrouble(error)) return error;
  return unreachable(`Postgres at ${where} cannot do this now: ${message}; try again, or look into its log`);
}
