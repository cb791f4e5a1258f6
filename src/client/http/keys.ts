import { SluiceError, unavailable } from "../../domain/errors.ts";
import { keyIdOf, noSuchKey } from "../../domain/access/key-id.ts";
import type { CreatedKey, KeyIntake, ListedKey, RevokedKey } from "../../domain/shapes/keys.ts";
import type { CreateKeyRequest } from "../requests.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function keys(
  server: ServerConnection,
  { all = false }: { readonly all?: boolean | undefined } = {},
): Promise<readonly ListedKey[]> {
  const { items } = await server.get<{ items: ListedKey[] }>("/v1/keys", all ? { all } : {});
  return items;
}

export async function keyIntake(server: ServerConnection): Promise<readonly KeyIntake[]> {
  return (await server.get<{ items: KeyIntake[] }>("/v1/intake")).items;
}

export function createKey(server: ServerConnection, body: CreateKeyRequest): Promise<CreatedKey> {
  return toldOnce(server.change("POST", "/v1/keys", { body, once: true }));
}

export async function rotateKey(
  server: ServerConnection,
  given: string,
  body: { readonly overlapMs?: number | undefined } = {},
): Promise<CreatedKey> {
  return named(given, (id) =>
    toldOnce(server.change("POST", `/v1/keys/${id}/rotation`, { body, once: true })),
  );
}

export async function revokeKey(server: ServerConnection, given: string): Promise<RevokedKey> {
  return named(given, (id) => server.change("DELETE", `/v1/keys/${id}`, { body: undefined }));
}

/** A new key is told once and kept nowhere: one whose answer was lost is of no use to anybody. */
async function toldOnce(made: Promise<CreatedKey>): Promise<CreatedKey> {
  try {
    return await made;
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === "unavailable")) throw error;
    throw unavailable(
      `${error.message}; a key may have been made all the same: look with sluice keys list, and revoke it`,
      error.details,
    );
  }
}

/** The id alone is sent, though a whole key be given. */
function named<T>(given: string, work: (id: string) => Promise<T>): Promise<T> {
  const id = keyIdOf(given);
  if (id === undefined) throw noSuchKey(undefined);
  return work(id);
}
