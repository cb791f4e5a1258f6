import { messageOf } from "../../domain/errors.ts";
import type { VaultSecret } from "../../domain/addresses/managed-secret.ts";
import { fieldOf, managerUnavailable, PATIENCE_MS, refusedSecret, type Setting } from "./secret-manager.ts";

/**
 * Reads a secret by Vault's HTTP interface, the same as OpenBao's: KV version 2, with the token of VAULT_TOKEN (Vault's
 * agent keeps one in a file, so VAULT_TOKEN_FILE too).
 */
export async function readVaultSecret(
  reference: string,
  { mount, path, field }: VaultSecret,
  setting: Setting,
): Promise<string> {
  const address = setting("VAULT_ADDR");
  const token = setting("VAULT_TOKEN");
  if (address === undefined || token === undefined)
    throw refusedSecret(
      reference,
      "VAULT_ADDR and VAULT_TOKEN (or VAULT_TOKEN_FILE) have to be set to read it",
    );
  const namespace = setting("VAULT_NAMESPACE");
  const base = URL.parse(address);
  if (!base || !/^https?:$/.test(base.protocol))
    throw refusedSecret(reference, "VAULT_ADDR is no web address; write it as https://vault.example:8200");
  const parts = [mount, "data", ...path.split("/")].map(encodeURIComponent);
  const url = new URL(`${base.pathname.replace(/\/$/, "")}/v1/${parts.join("/")}`, base);
  const answer = await ask(reference, url, {
    "X-Vault-Token": token,
    "X-Vault-Request": "true",
    ...(namespace !== undefined && { "X-Vault-Namespace": namespace }),
  });
  const { data } = (answer as { data?: { data?: unknown } | null }).data ?? {};
  if (typeof data !== "object" || data === null)
    throw refusedSecret(
      reference,
      `Vault at ${base.host} has no such secret in a KV of version 2 at ${mount}/`,
    );
  return fieldOf(reference, data as Record<string, unknown>, field);
}

async function ask(reference: string, url: URL, headers: Record<string, string>): Promise<object> {
  let response: Response;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // A token is for the address that was named, and for no other.
    response = await fetch(url, { headers, signal, redirect: "error" });
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const why = (cause as { code?: string } | undefined)?.code ?? messageOf(cause ?? error);
    throw managerUnavailable(
      reference,
      `Vault at ${url.host} cannot be reached (${why}); check VAULT_ADDR`,
      error,
    );
  }
  if (response.status === 403)
    throw refusedSecret(
      reference,
      `Vault at ${url.host} refuses the token; give it a policy that reads ${url.pathname}`,
    );
  if (response.status === 404)
    throw refusedSecret(
      reference,
      `Vault at ${url.host} has no such secret in a KV of version 2; check mount and path, and that it was not deleted`,
    );
  if (!response.ok)
    throw managerUnavailable(reference, `Vault at ${url.host} answers ${response.status}; is it sealed?`);
  try {
    const answer: unknown = await response.json();
    return typeof answer === "object" && answer !== null ? answer : {};
  } catch (error) {
    throw managerUnavailable(reference, `Vault at ${url.host} does not answer as Vault does`, error);
  }
}
