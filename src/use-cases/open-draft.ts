import { conflict } from "../domain/errors.ts";
import { assertPromptName } from "../domain/names.ts";
import type { WholeDraft } from "../domain/shapes/drafts.ts";
import type { Database } from "../storage/database.ts";
import { requireDraft } from "../storage/read/drafts.ts";
import { onePrompt } from "../storage/read/prompt-list.ts";
import { requireVersion } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { archivedMessage } from "../storage/write/archive-prompt.ts";
import { type DraftToOpen, openDraft } from "../storage/write/drafts.ts";

/** Opens a draft of a prompt, which need not exist yet. Of an archived one nothing is written. */
export async function openOneDraft(db: Database, draft: DraftToOpen): Promise<WholeDraft> {
  const prompt = assertPromptName(draft.prompt);
  const known = await onePrompt(db, prompt, {});
  if (known?.archived) throw conflict(archivedMessage(prompt), { prompt });
  if (draft.base !== null) await requireVersion(db, { prompt, number: draft.base });
  await transact(db, (transaction) => openDraft(transaction, { ...draft, prompt }));
  return requireDraft(db, draft.id, draft.account);
}
