import { makeKey, storedProof } from "../access/key-text.ts";
import { conflict, invalidInput, notFound } from "../domain/errors.ts";
import { assertGrants, type Grants, type Role } from "../domain/grants.ts";
import { shown } from "../domain/visible.ts";
import type { Database } from "../storage/database.ts";
import { listKeys, type ListedKey } from "../storage/read/key-list.ts";
import { transact } from "../storage/transact.ts";
import { expireKey, insertKey, replaceKey, revokeKey } from "../storage/write/keys.ts";

export interface KeyRequest {
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  /** Whose word the key's use is. */
  readonly owner: string;
  /** Undefined: the role's usual life. Null: for ever. */
  readonly expiresInMs?: number | null | undefined;
}

/** What is told once: the key itself is kept nowhere. */
export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  readonly owner: string;
}

const DAY_MS = 86_400_000;
/** Of a key that an operator carries; a service's does not end by itself. */
const USUAL_LIFE_MS = 90 * DAY_MS;
/** How long a rotated key stays good beside its successor by default. */
export const USUAL_OVERLAP_MS = DAY_MS;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@/-]{0,99}$/u;

/** Makes a key. A name, label or prompt that cannot be one is `invalid_input`. */
export async function createKey(db: Database, request: KeyRequest): Promise<CreatedKey> {
  const { name, role, owner } = request;
  if (!NAME.test(name))
    throw invalidInput(
      `a key's name ${shown(name)}: use 1 to 100 letters, digits, spaces and . _ @ / -, as in checkout-service`,
    );
  const grants = assertGrants(request.grants);
  const life = request.expiresInMs === undefined && role !== "resolver" ? USUAL_LIFE_MS : request.expiresInMs;
  return insert(db, { name, role, grants, owner, expiresInMs: life ?? undefined });
}

async function insert(
  db: Database,
  key: Omit<KeyRequest, "expiresInMs"> & { readonly expiresInMs: number | undefined },
  replaces?: { readonly id: string; readonly overlapMs: number },
): Promise<CreatedKey> {
  const { id, proof, text } = makeKey();
  const { name, role, grants, owner } = key;
  await transact(db, async (transaction) => {
    await insertKey(transaction, { ...key, id, proofSha256: storedProof(proof) });
    if (!replaces) return;
    await replaceKey(transaction, replaces.id, id);
    await expireKey(transaction, replaces.id, replaces.overlapMs);
  });
  return { id, key: text, name, role, grants, owner };
}

/** A new secret under a new id, with the same rights; the old one stays good for the overlap. */
export async function rotateKey(
  db: Database,
  id: string,
  overlapMs: number = USUAL_OVERLAP_MS,
): Promise<CreatedKey> {
  const old = await requireKey(db, id);
  if (old.state !== "good") throw conflict(`key ${old.id} is ${old.state}; create a new one`, { id: old.id });
  if (old.replacedBy !== null)
    throw conflict(`key ${old.id} has been rotated to ${old.replacedBy}; rotate that one`, {
      id: old.id,
      replacedBy: old.replacedBy,
    });
  const { name, role, grants, owner } = old;
  const life = old.expiresAt === null ? undefined : Date.parse(old.expiresAt) - Date.parse(old.createdAt);
  return insert(db, { name, role, grants, owner, expiresInMs: life }, { id: old.id, overlapMs });
}

/** At once, everywhere within seconds. Says whether there was anything to do. */
export async function withdrawKey(db: Database, id: string): Promise<{ id: string; changed: boolean }> {
  const key = await requireKey(db, id);
  const changed = await transact(db, (transaction) => revokeKey(transaction, key.id));
  return { id: key.id, changed };
}

/** By its id, or by its whole text, of which no more than the id is looked at. */
async function requireKey(db: Database, given: string): Promise<ListedKey> {
  const id = /^slu_([a-z0-9]{12})_/.exec(given)?.[1] ?? given.replace(/^slu_/, "");
  const found = (await listKeys(db, { all: true })).find((key) => key.id === id);
  if (found) return found;
  const named = /^[a-z0-9]{12}$/.test(id) ? ` ${id}` : "";
  throw notFound(`there is no key${named}; see: sluice keys list --all`);
}
