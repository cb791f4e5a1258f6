import { assertIssuer, readWorkloadIssuers, type WorkloadIssuers } from "../domain/access/ci-platforms.ts";
import { invalidInput } from "../domain/errors.ts";
import { isLoopbackHost } from "../domain/addresses/loopback-host.ts";
import { shown } from "../domain/text/visible.ts";
import type { PermittedAddresses } from "../outbound/permitted-addresses.ts";
import { type IdentityProxy, readIdentityProxy } from "./identity-proxy.ts";

/** How a server knows people and CI jobs, beside keys. */
export interface IdentitySettings {
  /** Where people and CI jobs reach the server: `https://sluice.example`, without a path. */
  readonly publicUrl: string | undefined;
  /** Whose tokens of CI jobs are taken. */
  readonly workloadIssuers: WorkloadIssuers;
  /** The issuer that people sign in at; undefined: they sign in with keys alone. */
  readonly oidc: OidcSettings | undefined;
  /** A proxy that says who people are; undefined: none is believed. */
  readonly proxy: IdentityProxy | undefined;
  /** Where issuers may be beside the internet. */
  readonly permitted: PermittedAddresses;
}

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: the client is a public one. */
  readonly clientSecret: string | undefined;
  readonly scopes: string;
  /** The file that says who may do what. */
  readonly rolesFile: string;
}

const USUAL_SCOPES = "openid email";

/** Reads what a server is told of identities. Anything that cannot be so is `invalid_input`. */
export function readIdentitySettings(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
  permitted: PermittedAddresses,
  trustedProxies: readonly string[] = [],
): IdentitySettings {
  const publicUrl = readPublicUrl(value("SLUICE_PUBLIC_URL"));
  return {
    publicUrl,
    oidc: readOidc(value, secret, publicUrl),
    proxy: readIdentityProxy(value, secret, trustedProxies),
    workloadIssuers: readWorkloadIssuers(value("SLUICE_WORKLOAD_ISSUERS") ?? ""),
    permitted,
  };
}

function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isPlain = url?.protocol === "http:" && isLoopbackHost(url.hostname);
  if (url && (url.protocol === "https:" || isPlain) && url.href === `${url.origin}/`) return url.origin;
  throw invalidInput(
    `SLUICE_PUBLIC_URL is where people reach the server, as in https://sluice.example, without a path; ${shown(text)} is not`,
    { name: "SLUICE_PUBLIC_URL" },
  );
}

function readOidc(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
  publicUrl: string | undefined,
): OidcSettings | undefined {
  const issuer = value("SLUICE_OIDC_ISSUER");
  const clientId = value("SLUICE_OIDC_CLIENT_ID");
  const clientSecret = secret("SLUICE_OIDC_CLIENT_SECRET");
  const scopes = value("SLUICE_OIDC_SCOPES") ?? USUAL_SCOPES;
  const rolesFile = value("SLUICE_OIDC_ROLES");
  if (issuer === undefined) return undefined;
  if (clientId === undefined || rolesFile === undefined || publicUrl === undefined)
    throw invalidInput(
      "SLUICE_OIDC_ISSUER names where people sign in; it takes SLUICE_OIDC_CLIENT_ID, SLUICE_OIDC_ROLES (a file) and SLUICE_PUBLIC_URL too",
      { name: "SLUICE_OIDC_ISSUER" },
    );
  return { issuer: assertIssuer(issuer, "SLUICE_OIDC_ISSUER"), clientId, clientSecret, scopes, rolesFile };
}
