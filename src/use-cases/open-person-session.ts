import { makeKey, storedProof } from "../access/key-text.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { openPersonSession as open, type Person } from "../storage/write/sessions.ts";

export type { Person } from "../storage/write/sessions.ts";

/**
 * Opens a session for a person whom the server has identified, and gives what proves it: shown once and kept nowhere.
 *
 * @param seal what is kept of the issuer's tokens, for a session of this text
 */
export async function openPersonSession(
  db: Database,
  person: Person,
  seal?: (text: string) => Buffer,
): Promise<string> {
  const { id, proof, text } = makeKey("session");
  const sealed = seal?.(text) ?? null;
  await transact(db, (transaction) =>
    open(transaction, { id, proofSha256: storedProof(proof) }, person, sealed),
  );
  return text;
}
