import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { KEY_REGISTERS, type KeyAccess } from "../storage/write/key-register.ts";
import { requireKey } from "./require-key.ts";

/** At once, everywhere within seconds. Says whether there was anything to do. */
export async function withdrawKey(
  db: Database,
  id: string,
  access: KeyAccess = "table",
): Promise<{ id: string; changed: boolean }> {
  const key = await requireKey(db, id, access);
  const changed = await transact(db, (transaction) => KEY_REGISTERS[access].revoke(transaction, key));
  return { id: key.id, changed };
}
