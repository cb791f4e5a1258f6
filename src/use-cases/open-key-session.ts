import { type KeyProof, makeKey, storedProof } from "../access/key-text.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { endSession, openKeySession as open } from "../storage/write/sessions.ts";

/**
 * Opens a session for whoever has shown a key, and gives what proves it: shown once and kept nowhere. Always a new one;
 * a session that was shown with the key ends.
 *
 * @param acting the database for whoever has shown the key
 */
export async function openKeySession(acting: Database, shown?: KeyProof): Promise<string> {
  const { id, proof, text } = makeKey("session");
  await transact(acting, async (transaction) => {
    if (shown) await endSession(transaction, shown);
    await open(transaction, { id, proofSha256: storedProof(proof) });
  });
  return text;
}
