import { HOW_WRITTEN, readManagedSecret } from "../../domain/addresses/managed-secret.ts";
import { refusedSecret, type Setting } from "./secret-manager.ts";

/**
 * What a secret manager keeps under an address such as `vault:secret/sluice#openai`. Each manager is imported when it is
 * asked for: what it needs is a package of the project's own choice. Fails with `invalid_input` or `unavailable`, which
 * name the address and repeat nothing of what stands there.
 */
export async function fetchSecret(reference: string, setting: Setting): Promise<string> {
  const secret = readManagedSecret(reference);
  if (!secret)
    throw refusedSecret(reference.split(":", 1)[0]!, `is no address of a secret; write ${HOW_WRITTEN}`);
  switch (secret.manager) {
    case "vault":
      return (await import("./vault.ts")).readVaultSecret(reference, secret, setting);
    case "aws":
      return (await import("./aws.ts")).readAwsSecret(reference, secret);
    case "gcp":
      return (await import("./gcp.ts")).readGcpSecret(reference, secret);
  }
}
