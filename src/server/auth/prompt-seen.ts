import type { Database } from "../../storage/database.ts";
import { promptExists } from "../../storage/read/prompt-list.ts";
import { noSuchPrompt } from "./authorise.ts";

/** Refuses a prompt that is not there as one that the key may not see: no name of another is told. */
export async function assertPromptSeen(db: Database, prompt: string): Promise<void> {
  if (!(await promptExists(db, prompt))) throw noSuchPrompt(prompt);
}
