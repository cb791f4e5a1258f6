import { SecretToFetch, type HeldSecrets } from "../../files/secret-variable.ts";
import { fetchSecret } from "./fetch-secret.ts";
import type { Setting } from "./secret-manager.ts";

/**
 * Reads settings of which some may stand with a secret manager: where one does, it is fetched, and all is read again.
 * Nothing is fetched, and nothing loaded for it, where none does.
 */
export async function withSecrets<T>(read: (held: HeldSecrets) => T, setting: Setting): Promise<T> {
  const held = new Map<string, string>();
  for (;;)
    try {
      return read(held);
    } catch (error) {
      if (!(error instanceof SecretToFetch)) throw error;
      held.set(error.reference, await fetchSecret(error.reference, setting));
    }
}
