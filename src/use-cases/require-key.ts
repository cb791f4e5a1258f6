import { notFound } from "../domain/errors.ts";
import type { Database } from "../storage/database.ts";
import { listKeys, type ListedKey } from "../storage/read/key-list.ts";

/** By its id, or by its whole text, of which no more than the id is looked at. */
export async function requireKey(db: Database, given: string): Promise<ListedKey> {
  const id = /^slu_([a-z0-9]{12})_/.exec(given)?.[1] ?? given.replace(/^slu_/, "");
  const found = (await listKeys(db, { all: true })).find((key) => key.id === id);
  if (found) return found;
  const named = /^[a-z0-9]{12}$/.test(id) ? ` ${id}` : "";
  throw notFound(`there is no key${named}; see: sluice keys list --all`);
}
