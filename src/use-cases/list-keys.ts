import type { ListedKey } from "../domain/shapes/keys.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { type KeyHand, keyRegister } from "../storage/write/key-register.ts";

/** The keys that there are, the newest first; an admin's access is told of those that they may know of. */
export async function listKeys(
  db: Database,
  { all }: { readonly all: boolean },
  hand: KeyHand = {},
): Promise<ListedKey[]> {
  return transact(db, (transaction) => keyRegister(hand).list(transaction, { all }));
}
