import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { discardDraft } from "../storage/write/drafts.ts";

/** Removes a draft for good; false where there is none, or it is somebody else's. */
export function discardOneDraft(
  db: Database,
  draft: { readonly id: string; readonly account: string },
): Promise<boolean> {
  return transact(db, (transaction) => discardDraft(transaction, draft));
}
