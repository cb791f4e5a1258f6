import type { RevokedKey } from "../domain/shapes/keys.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { type KeyHand, keyRegister } from "../storage/write/key-register.ts";
import { requireKey } from "./require-key.ts";

/** At once, everywhere within seconds. Says whether there was anything to do. */
export async function withdrawKey(db: Database, id: string, hand: KeyHand = {}): Promise<RevokedKey> {
  const key = await requireKey(db, id, hand);
  const changed = await transact(db, (transaction) => keyRegister(hand).revoke(transaction, key));
  return { id: key.id, changed };
}
