/** A secret that a secret manager keeps, by its address there. */
export type ManagedSecret = VaultSecret | NamedSecret;

/** Of HashiCorp Vault or OpenBao, in a secrets engine KV of version 2. */
export interface VaultSecret {
  readonly manager: "vault";
  /** Where the engine is mounted: the first part of the path. */
  readonly mount: string;
  readonly path: string;
  readonly field: string | undefined;
}

/** Of AWS Secrets Manager, by name or ARN, or of Google Cloud's Secret Manager, by its resource name. */
export interface NamedSecret {
  readonly manager: "aws" | "gcp";
  readonly name: string;
  /** Of a secret that is a JSON object. */
  readonly field: string | undefined;
}

const REFERENCE = /^(vault|aws|gcp):([^\s#?]{1,512})(?:#([^\s#]{1,128}))?$/;
const RESOURCE = /^projects\/[^/]+(?:\/locations\/[^/]+)?\/secrets\/[^/]+(?:\/versions\/[^/]+)?$/;

/** How each is written, for messages. */
export const HOW_WRITTEN =
  "vault:MOUNT/PATH#FIELD, aws:NAME#FIELD (or an ARN), or gcp:projects/PROJECT/secrets/NAME, the last two with #FIELD where the secret is a JSON object";

/** True when a text says that a manager keeps something, well or badly written. */
export function namesManager(text: string): boolean {
  return /^(?:vault|aws|gcp):/.test(text);
}

/** What `vault:`, `aws:` or `gcp:` stands for; undefined when a text is no such address. */
export function readManagedSecret(text: string): ManagedSecret | undefined {
  const [, manager, place = "", field] = REFERENCE.exec(text) ?? [];
  switch (manager) {
    case "vault": {
      const [mount, ...rest] = place.split("/");
      const path = rest.join("/");
      const isPath = [mount, ...rest].every((part) => part !== "" && part !== "." && part !== "..");
      return isPath && path !== "" ? { manager, mount: mount!, path, field } : undefined;
    }
    case "aws":
      return { manager, name: place, field };
    case "gcp": {
      if (!RESOURCE.test(place)) return undefined;
      return { manager, name: place.includes("/versions/") ? place : `${place}/versions/latest`, field };
    }
    default:
      return undefined;
  }
}
