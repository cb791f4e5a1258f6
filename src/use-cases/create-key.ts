import { makeKey, storedProof } from "../access/key-text.ts";
import { invalidInput } from "../domain/errors.ts";
import { assertGrants, type Grants } from "../domain/access/grants.ts";
import type { Role } from "../domain/access/roles.ts";
import type { CreatedKey, ListedKey } from "../domain/shapes/keys.ts";
import { shown } from "../domain/text/visible.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { type KeyHand, keyRegister } from "../storage/write/key-register.ts";

export interface KeyRequest {
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  /** Whose word the key's use is. */
  readonly owner: string;
  /** Undefined: the role's usual life. Null: for ever. */
  readonly expiresInMs?: number | null | undefined;
}

const DAY_MS = 86_400_000;
/** Of a key that an operator carries; a service's does not end by itself. */
const USUAL_LIFE_MS = 90 * DAY_MS;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@/-]{0,99}$/u;

/** Makes a key. A name, label or prompt that cannot be one is `invalid_input`. */
export async function createKey(db: Database, request: KeyRequest, hand: KeyHand = {}): Promise<CreatedKey> {
  const { name, role, owner } = request;
  if (!NAME.test(name))
    throw invalidInput(
      `a key's name ${shown(name)}: use 1 to 100 letters, digits, spaces and . _ @ / -, as in checkout-service`,
    );
  const grants = assertGrants(request.grants);
  const life = request.expiresInMs === undefined && role !== "resolver" ? USUAL_LIFE_MS : request.expiresInMs;
  return issueKey(db, hand, { name, role, grants, owner, expiresInMs: life ?? undefined });
}

/** Makes the secret and writes the key down, in place of another where it replaces one. */
export async function issueKey(
  db: Database,
  hand: KeyHand,
  key: Omit<KeyRequest, "expiresInMs"> & { readonly expiresInMs: number | undefined },
  replaces?: { readonly old: ListedKey; readonly overlapMs: number },
): Promise<CreatedKey> {
  const { id, proof, text } = makeKey();
  const { name, role, grants, owner } = key;
  const register = keyRegister(hand);
  await transact(db, async (transaction) => {
    await register.insert(transaction, { ...key, id, proofSha256: storedProof(proof) });
    if (replaces) await register.replace(transaction, replaces.old, { id, overlapMs: replaces.overlapMs });
  });
  return { id, key: text, name, role, grants, owner };
}
