import { invalidInput } from "../../domain/errors.ts";
import { requireServerAddress } from "../../domain/addresses/server-address.ts";
import type { NamedServer, WorkloadIdentity } from "./workload-key.ts";

type Read = (name: string) => string | undefined;

/**
 * SLUICE_URL, and SLUICE_KEY where that address has no key in it, or else what a CI job gets one for; undefined where no
 * server is named.
 */
export function readServerSettings(value: Read, secret: Read): NamedServer | undefined {
  const url = value("SLUICE_URL");
  if (url === undefined) return undefined;
  const { base, key: inAddress } = requireServerAddress(url, "SLUICE_URL");
  const own = secret("SLUICE_KEY");
  const key = own ?? inAddress;
  // What merely names the machine's user, or a CI job's, says nothing of whose key it is.
  const actor = value("SLUICE_ACTOR");
  if (key !== "") return { base, key, keyFrom: own === undefined ? "SLUICE_URL" : "SLUICE_KEY", actor };
  const workload = readWorkload(value, secret, base);
  if (!workload)
    throw invalidInput(
      "SLUICE_URL names a server, and there is no key to it; set SLUICE_KEY (a job of GitHub Actions with the permission id-token: write needs none, nor one with SLUICE_ID_TOKEN)",
      { name: "SLUICE_KEY" },
    );
  return { base, key, keyFrom: "the job's token", actor, workload };
}

function readWorkload(value: Read, secret: Read, base: string): WorkloadIdentity | undefined {
  const rest = { audience: value("SLUICE_AUDIENCE") ?? base, rule: value("SLUICE_TRUST_RULE") };
  const token = secret("SLUICE_ID_TOKEN");
  if (token !== undefined) return { from: { token }, ...rest };
  const requestUrl = value("ACTIONS_ID_TOKEN_REQUEST_URL");
  const requestToken = value("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (requestUrl === undefined || requestToken === undefined) return undefined;
  return { from: { requestUrl, requestToken }, ...rest };
}
