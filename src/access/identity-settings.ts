import { readWorkloadIssuers, type WorkloadIssuers } from "../domain/ci-platforms.ts";
import { invalidInput } from "../domain/errors.ts";
import { isLoopbackHost } from "../domain/loopback-host.ts";
import { shown } from "../domain/visible.ts";
import type { PermittedAddresses } from "../outbound/permitted-addresses.ts";

/** How a server knows people and CI jobs, beside keys. */
export interface IdentitySettings {
  /** Where people and CI jobs reach the server: `https://sluice.example`, without a path. */
  readonly publicUrl: string | undefined;
  /** Whose tokens of CI jobs are taken. */
  readonly workloadIssuers: WorkloadIssuers;
  /** Where issuers may be beside the internet. */
  readonly permitted: PermittedAddresses;
}

/** Reads what a server is told of identities. Anything that cannot be so is `invalid_input`. */
export function readIdentitySettings(
  value: (name: string) => string | undefined,
  permitted: PermittedAddresses,
): IdentitySettings {
  return {
    publicUrl: readPublicUrl(value("SLUICE_PUBLIC_URL")),
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
