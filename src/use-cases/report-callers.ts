import type { Callers } from "../domain/shapes/callers.ts";
import type { Database } from "../storage/database.ts";
import { CALLER_DAYS, type CallersQuery, listCallers } from "../storage/read/callers.ts";
import { requirePrompt } from "../storage/read/version.ts";

/** Who has called a prompt lately, and with what. `not_found` where there is no such prompt. */
export async function reportCallers(db: Database, query: CallersQuery): Promise<Callers> {
  const { prompt, days = CALLER_DAYS } = query;
  await requirePrompt(db, prompt);
  return { prompt, days, callers: await listCallers(db, { ...query, days }) };
}
