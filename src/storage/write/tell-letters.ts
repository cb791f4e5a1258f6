import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { UntoldLetters } from "../read/untold-letters.ts";

/** From now on nobody is told of a prompt's letters up to this one. */
export async function recordLettersTold(
  db: Database,
  { prompt, id }: Pick<UntoldLetters, "prompt" | "id">,
): Promise<void> {
  await sql`
    update sluice.dead_letters set told_at = clock_timestamp()
    where prompt = ${prompt} and told_at is null
      and created_at <= (select created_at from sluice.dead_letters where id = ${id})`.execute(db);
}
