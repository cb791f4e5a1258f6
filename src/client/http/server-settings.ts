import { invalidInput } from "../../domain/errors.ts";
import { requireServerAddress } from "../../domain/server-address.ts";
import type { ServerPlace } from "./server-connection.ts";

/** SLUICE_URL, and SLUICE_KEY where that address has no key in it; undefined where no server is named. */
export function readServerSettings(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
): ServerPlace | undefined {
  const url = value("SLUICE_URL");
  if (url === undefined) return undefined;
  const { base, key: inAddress } = requireServerAddress(url, "SLUICE_URL");
  const own = secret("SLUICE_KEY");
  const key = own ?? inAddress;
  if (key === "")
    throw invalidInput("SLUICE_URL names a server, and there is no key to it; set SLUICE_KEY", {
      name: "SLUICE_KEY",
    });
  const keyFrom = own === undefined ? "SLUICE_URL" : "SLUICE_KEY";
  // What merely names the machine's user, or a CI job's, says nothing of whose key it is.
  return { base, key, keyFrom, actor: value("SLUICE_ACTOR") };
}
