import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { revokeKey } from "../storage/write/keys.ts";
import { requireKey } from "./require-key.ts";

/** At once, everywhere within seconds. Says whether there was anything to do. */
export async function withdrawKey(db: Database, id: string): Promise<{ id: string; changed: boolean }> {
  const key = await requireKey(db, id);
  const changed = await transact(db, (transaction) => revokeKey(transaction, key.id));
  return { id: key.id, changed };
}
