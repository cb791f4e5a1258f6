import type { ListedSession } from "../domain/shapes/sessions.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import type { KeyHand } from "../storage/write/key-register.ts";
import { sessionsFor } from "../storage/write/session-register.ts";

/** Who is signed in, the newest first; an admin's access is told of those who can do no more than their key. */
export async function listSessions(db: Database, hand: KeyHand = {}): Promise<ListedSession[]> {
  return transact(db, (transaction) => sessionsFor(transaction, hand));
}
