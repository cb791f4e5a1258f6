import type { WholeDraft } from "../domain/shapes/drafts.ts";
import type { Database } from "../storage/database.ts";
import { requireDraft } from "../storage/read/drafts.ts";
import { requireVersion } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { type DraftToSave, saveDraft } from "../storage/write/drafts.ts";

/** Saves a draft; a `conflict` where it was saved from somewhere else since it was read. */
export async function saveOneDraft(db: Database, draft: DraftToSave): Promise<WholeDraft> {
  const { id, account, base } = draft;
  if (base !== undefined && base !== null) {
    const { prompt } = await requireDraft(db, id, account);
    await requireVersion(db, { prompt, number: base });
  }
  await transact(db, (transaction) => saveDraft(transaction, draft));
  return requireDraft(db, id, account);
}
