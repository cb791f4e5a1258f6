import { invalidInput } from "../errors.ts";
import { hostInUrl } from "./listen-address.ts";
import { didYouMean } from "../text/suggestion.ts";
import { shown, visible } from "../text/visible.ts";

/** Where a Postgres is and how it is spoken to, read from an address as people write it. */
export interface PostgresAddress {
  /** The same address as `pg` reads it without doubt: each part percent-encoded, one host, one way of TLS. */
  readonly connectionString: string;
  /** Host, port and database: what may be printed. Nothing of user, password or parameters is in it. */
  readonly where: string;
  /** As it was written; undefined when nothing was said. */
  readonly sslmode: string | undefined;
}

const FORM = "postgres://user:password@host:5432/database";

/** Ways of TLS. Each but two checks the server's certificate: what is called `require` must not be fooled by anybody. */
const SSL_MODES: Readonly<Record<string, "disable" | "verify-full" | "no-verify">> = {
  disable: "disable",
  prefer: "verify-full",
  require: "verify-full",
  "verify-ca": "verify-full",
  "verify-full": "verify-full",
  "no-verify": "no-verify",
};

/** Parameters that are handed on; of others (a pooler's, another client's) nothing is known here. */
const HANDED_ON = ["sslrootcert", "sslcert", "sslkey", "sslnegotiation"];

const HOST = String.raw`\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._~-]+|%2[Ff][^/?#@,:\s]*`;
/** What may follow the `@`, or the scheme where there is none: hosts, a database, parameters. */
const REST = new RegExp(
  String.raw`^(?<hosts>(?:(?:${HOST})?(?::[^/?#@,\s]*)?)(?:,(?:(?:${HOST})?(?::[^/?#@,\s]*)?))*)(?:/(?<database>[^?#/]*))?(?:\?(?<query>[^#]*))?$`,
);
const PARAMETERS = /^(?:[a-z_A-Z]+=[^&]*(?:&|$))*$/;

/**
 * Reads `postgres://…` as its writer meant it: a password may hold `#`, `?`, `/` and `@` as they are, a socket's
 * folder may stand in `?host=`. What cannot be read is `invalid_input`; no part of the address is ever repeated
 * but a TLS mode.
 *
 * @param name what holds the address, for messages, such as DATABASE_URL
 */
export function readPostgresAddress(text: string, name = "DATABASE_URL"): PostgresAddress {
  const refuse = (problem: string): never => {
    throw invalidInput(`${name} ${problem}, as in ${FORM}`);
  };
  const scheme = /^postgres(?:ql)?:\/\//.exec(text);
  if (!scheme) return refuse("must start with postgres://");
  const { userinfo, rest } = split(text.slice(scheme[0].length)) ?? refuse("is not a valid address");
  const parameters = readParameters(rest["query"] ?? "");
  const hosts = (rest["hosts"] ?? "").split(",");
  const named = parameters.get("host");
  if (hosts.length > 1 || (named?.includes(",") ?? false))
    return refuse(
      "names several hosts, and Sluice connects to one: name the primary, or a name that always leads to it",
    );
  const { host, port } =
    readHost(hosts[0]!, named, parameters.get("port")) ?? refuse("needs a port from 1 to 65535");
  const [user, password] = readUser(userinfo, parameters);
  const database = decode(rest["database"] ?? "") || parameters.get("dbname") || "";
  const sslmode = parameters.get("sslmode");
  if (sslmode !== undefined && !Object.hasOwn(SSL_MODES, sslmode))
    throw invalidInput(
      `${name}: sslmode=${shown(sslmode)} is not known; use one of ${Object.keys(SSL_MODES).join(", ")}${didYouMean(sslmode, Object.keys(SSL_MODES))}`,
    );
  const handed = HANDED_ON.flatMap((key): [string, string][] => {
    const value = parameters.get(key);
    return value === undefined || value === "system" ? [] : [[key, value]];
  });
  const query = new Map([
    ...(host.startsWith("/") ? ([["host", host]] as const) : []),
    ...(sslmode === undefined
      ? legacyTls(parameters.get("ssl"))
      : ([["sslmode", SSL_MODES[sslmode]!]] as const)),
    ...handed,
  ]);
  const login = user === "" ? "" : `${encode(user)}${password === "" ? "" : `:${encode(password)}`}@`;
  // A socket's folder takes the place of the host, which must be there all the same.
  const urlHost = host.startsWith("/") || host === "" ? "localhost" : hostInUrl(host);
  const urlPort = port === undefined ? "" : `:${port}`;
  const tail = [...query].map(([key, value]) => `${key}=${encode(value)}`).join("&");
  return {
    connectionString: `postgres://${login}${urlHost}${urlPort}/${encode(database)}${tail && `?${tail}`}`,
    where: placeOf(host, port, database),
    sslmode,
  };
}

/** Before the last `@` that leaves a readable rest; as the standard has it where that is possible. */
function split(text: string): { userinfo: string; rest: Record<string, string | undefined> } | undefined {
  const read = (at: number) => {
    const rest = REST.exec(text.slice(at + 1))?.groups;
    const query = rest?.["query"] ?? "";
    if (!rest || !PARAMETERS.test(query) || strayAt(query)) return undefined;
    return { userinfo: text.slice(0, Math.max(0, at)), rest };
  };
  const authority = text.slice(0, /[/?#]|$/.exec(text)!.index);
  const standard = read(authority.lastIndexOf("@"));
  if (standard) return standard;
  for (let at = text.lastIndexOf("@"); at >= 0; at = text.lastIndexOf("@", at - 1)) {
    const found = read(at);
    if (found) return found;
    if (at === 0) break;
  }
  return undefined;
}

const MAY_HAVE_AT = /^(?:user|password|options|application_name|host|ssl[a-z]*)=/;

/** An `@` in what looks like a parameter belongs to a password, but where the parameter may well have one. */
function strayAt(query: string): boolean {
  return query.split("&").some((pair) => pair.includes("@") && !MAY_HAVE_AT.test(pair));
}

function readParameters(query: string): Map<string, string> {
  return new Map(
    query
      .split("&")
      .filter(Boolean)
      .map((pair) => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at), decode(pair.slice(at + 1).replaceAll("+", " "))];
      }),
  );
}

function readHost(
  written: string,
  named: string | undefined,
  namedPort: string | undefined,
): { host: string; port: number | undefined } | undefined {
  const match = new RegExp(`^(${HOST})?(?::(.*))?$`).exec(written);
  const host = named ?? decode((match?.[1] ?? "").replace(/^\[(.*)\]$/, "$1"));
  const digits = match?.[2] || namedPort;
  if (digits === undefined) return { host, port: undefined };
  const port = Number(digits);
  return /^[0-9]+$/.test(digits) && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

function readUser(userinfo: string, parameters: ReadonlyMap<string, string>): [string, string] {
  const colon = userinfo.indexOf(":");
  const user = colon === -1 ? userinfo : userinfo.slice(0, colon);
  const password = colon === -1 ? "" : userinfo.slice(colon + 1);
  return [
    decode(user) || (parameters.get("user") ?? ""),
    decode(password) || (parameters.get("password") ?? ""),
  ];
}

/** `ssl=true` and the like, which other clients write. */
function legacyTls(ssl: string | undefined): [string, string][] {
  if (ssl === undefined) return [];
  return [["sslmode", /^(?:0|false|no|off)$/i.test(ssl) ? "disable" : "verify-full"]];
}

function placeOf(host: string, port: number | undefined, database: string): string {
  const at = host.startsWith("/")
    ? `the socket in ${visible(host)}`
    : `${host.includes(":") ? `[${visible(host)}]` : visible(host) || "localhost"}:${port ?? 5432}`;
  if (database === "") return at;
  return host.startsWith("/") ? `${at}, database ${visible(database)}` : `${at}/${visible(database)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A per cent sign that stands for itself.
    return text.replace(/%[0-9A-Fa-f]{2}/g, (code) => {
      try {
        return decodeURIComponent(code);
      } catch {
        return code;
      }
    });
  }
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  );
}
