import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Whether Langfuse's clients have got the prompt in the last 7 days: what they could not be served would break them. */
export async function isReadByLangfuse(db: Database, prompt: string): Promise<boolean> {
  const { rows } = await sql<{ read: boolean }>`
    select exists (select from sluice.langfuse_reads
      where prompt = ${prompt} and at > clock_timestamp() - interval '7 days') as read`.execute(db);
  return rows[0]!.read;
}
