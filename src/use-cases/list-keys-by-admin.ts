import type { Database } from "../storage/database.ts";
import type { ListedKey } from "../storage/read/key-list.ts";
import { transact } from "../storage/transact.ts";
import { KEY_REGISTERS } from "../storage/write/key-register.ts";

/** The keys that the admin may know of whose key the database was shown. */
export async function listKeysByAdmin(
  db: Database,
  { all }: { readonly all: boolean },
): Promise<ListedKey[]> {
  return transact(db, (transaction) => KEY_REGISTERS.admin.list(transaction, { all }));
}
