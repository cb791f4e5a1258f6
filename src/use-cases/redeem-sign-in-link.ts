import { type KeyProof, makeKey, storedProof } from "../access/key-text.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { renewSession } from "../storage/write/sessions.ts";

/**
 * Takes over the session whose text a sign-in link held, and gives what proves it from now on: the link's text proves
 * nothing any more. Undefined where the link was used before, or is too old.
 */
export async function redeemSignInLink(db: Database, shown: KeyProof): Promise<string | undefined> {
  const { id, proof, text } = makeKey("session");
  const isRenewed = await transact(db, (transaction) =>
    renewSession(transaction, shown, { id, proofSha256: storedProof(proof) }),
  );
  return isRenewed ? text : undefined;
}
