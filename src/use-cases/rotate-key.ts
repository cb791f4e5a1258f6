import { conflict } from "../domain/errors.ts";
import type { CreatedKey } from "../domain/shapes/keys.ts";
import type { Database } from "../storage/database.ts";
import type { KeyHand } from "../storage/write/key-register.ts";
import { issueKey } from "./create-key.ts";
import { requireKey } from "./require-key.ts";

/** How long a rotated key stays good beside its successor by default. */
const USUAL_OVERLAP_MS = 86_400_000;

/** A new secret under a new id, with the same rights; the old one stays good for the overlap. */
export async function rotateKey(
  db: Database,
  id: string,
  overlapMs: number = USUAL_OVERLAP_MS,
  hand: KeyHand = {},
): Promise<CreatedKey> {
  const old = await requireKey(db, id, hand);
  if (old.state !== "good") throw conflict(`key ${old.id} is ${old.state}; create a new one`, { id: old.id });
  if (old.replacedBy !== null)
    throw conflict(`key ${old.id} has been rotated to ${old.replacedBy}; rotate that one`, {
      id: old.id,
      replacedBy: old.replacedBy,
    });
  const { name, role, grants, owner } = old;
  const life = old.expiresAt === null ? undefined : Date.parse(old.expiresAt) - Date.parse(old.createdAt);
  return issueKey(db, hand, { name, role, grants, owner, expiresInMs: life }, { old, overlapMs });
}
