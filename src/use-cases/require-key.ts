import { keyIdOf, noSuchKey } from "../domain/access/key-id.ts";
import type { ListedKey } from "../domain/shapes/keys.ts";
import type { Database } from "../storage/database.ts";
import type { KeyHand } from "../storage/write/key-register.ts";
import { listKeys } from "./list-keys.ts";

/** By its id, or by its whole text, of which no more than the id is looked at. */
export async function requireKey(db: Database, given: string, hand: KeyHand): Promise<ListedKey> {
  const id = keyIdOf(given);
  const known = id === undefined ? [] : await listKeys(db, { all: true }, hand);
  const found = known.find((key) => key.id === id);
  if (found) return found;
  throw noSuchKey(id);
}
