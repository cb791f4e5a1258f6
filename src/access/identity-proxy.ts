import { invalidInput } from "../domain/errors.ts";

/** A proxy that signs people in, and says of each request who it is. */
export interface IdentityProxy {
  /** The headers that it says it in, in small letters. */
  readonly userHeader: string;
  readonly groupsHeader: string | undefined;
  /** What proves that it is the proxy, in the header `sluice-proxy-secret`. */
  readonly secret: string;
  /** Addresses and CIDRs that it connects from. */
  readonly peers: readonly string[];
  /** The file that says who may do what, by `user` or `groups`. */
  readonly rolesFile: string;
}

const LEAST_SECRET = 16;
const HEADER = /^[a-z0-9-]{1,100}$/;
/** These say something else, and everybody may send them. */
const TAKEN = new Set(["authorization", "cookie", "host", "origin", "content-type", "idempotency-key"]);

/** Undefined where no header is named. Settings that are not all there, or cannot be, are `invalid_input`. */
export function readIdentityProxy(
  value: (name: string) => string | undefined,
  secretOf: (name: string) => string | undefined,
  peers: readonly string[],
): IdentityProxy | undefined {
  const userHeader = value("SLUICE_PROXY_USER_HEADER")?.toLowerCase();
  const groupsHeader = value("SLUICE_PROXY_GROUPS_HEADER")?.toLowerCase();
  const rolesFile = value("SLUICE_PROXY_ROLES");
  const secret = secretOf("SLUICE_PROXY_SECRET");
  if (userHeader === undefined) return undefined;
  if (secret === undefined || rolesFile === undefined || peers.length === 0)
    throw refused(
      "names who a proxy says it is, and anybody could say that; it takes SLUICE_TRUSTED_PROXIES, SLUICE_PROXY_SECRET and SLUICE_PROXY_ROLES (a file) too",
    );
  for (const header of [userHeader, groupsHeader ?? userHeader])
    if (!HEADER.test(header) || TAKEN.has(header))
      throw refused("and SLUICE_PROXY_GROUPS_HEADER are names of headers, as in x-forwarded-user");
  if (secret.length < LEAST_SECRET)
    throw invalidInput(
      `SLUICE_PROXY_SECRET is shorter than ${LEAST_SECRET} characters, and could be guessed; make one: openssl rand -hex 32`,
      { name: "SLUICE_PROXY_SECRET" },
    );
  return { userHeader, groupsHeader, secret, peers, rolesFile };
}

function refused(why: string): Error {
  return invalidInput(`SLUICE_PROXY_USER_HEADER ${why}`, { name: "SLUICE_PROXY_USER_HEADER" });
}
