import { notFound } from "../domain/errors.ts";
import type { Database } from "../storage/database.ts";
import type { ListedKey } from "../storage/read/key-list.ts";
import { transact } from "../storage/transact.ts";
import { KEY_REGISTERS, type KeyAccess } from "../storage/write/key-register.ts";

/** By its id, or by its whole text, of which no more than the id is looked at. */
export async function requireKey(db: Database, given: string, access: KeyAccess): Promise<ListedKey> {
  const id = /^slu_([a-z0-9]{12})_/.exec(given)?.[1] ?? given.replace(/^slu_/, "");
  const known = await transact(db, (transaction) => KEY_REGISTERS[access].list(transaction, { all: true }));
  const found = known.find((key) => key.id === id);
  if (found) return found;
  const named = /^[a-z0-9]{12}$/.test(id) ? ` ${id}` : "";
  throw notFound(`there is no key${named}; see: sluice keys list --all`);
}
