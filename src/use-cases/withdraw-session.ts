import type { KeyProof } from "../access/key-text.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { endSession } from "../storage/write/sessions.ts";

/** Ends the session that was shown; a key is none. Says whether there was one. */
export async function withdrawSession(db: Database, shown: KeyProof): Promise<boolean> {
  return transact(db, (transaction) => endSession(transaction, shown));
}
