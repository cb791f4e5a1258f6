import { assertPromptName } from "../domain/names.ts";
import type { Database } from "../storage/database.ts";
import { requirePrompt } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { archivePrompt, type PromptToArchive } from "../storage/write/archive-prompt.ts";
import type { ArchivedPrompt } from "../domain/shapes/prompts.ts";

/** Archives a prompt that nobody is served, or undoes that. Its versions stay as they are. */
export async function setArchived(db: Database, request: PromptToArchive): Promise<ArchivedPrompt> {
  const prompt = assertPromptName(request.prompt);
  await requirePrompt(db, prompt);
  const changed = await transact(db, (transaction) => archivePrompt(transaction, request));
  return { prompt, archived: request.archived, changed };
}
