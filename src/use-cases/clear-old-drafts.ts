import { DRAFT_DAYS } from "../domain/draft-lifetime.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { removeOldDrafts } from "../storage/write/drafts.ts";

/** Removes the drafts that nobody has worked on for 90 days, and gives how many there were. */
export function clearOldDrafts(db: Database): Promise<number> {
  return transact(db, (transaction) => removeOldDrafts(transaction, DRAFT_DAYS));
}
