import { sql } from "kysely";
import type { IntakeCount } from "../../domain/shapes/keys.ts";
import type { Database } from "../database.ts";

interface CountedIntake extends IntakeCount {
  /** The id of the key that it came with. */
  readonly key: string;
}

/** What Langfuse's clients have sent, by key and by what became of it, the most of it first. */
export async function langfuseIntake(db: Database): Promise<CountedIntake[]> {
  const { rows } = await sql<{ key_id: string; kind: string; n: string; newest_at: Date }>`
    select key_id, kind, n, newest_at from sluice.langfuse_intake order by n desc, kind`.execute(db);
  return rows.map(({ key_id: key, kind, n, newest_at: newest }) => ({
    key,
    kind,
    n: Number(n),
    newestAt: newest.toISOString(),
  }));
}
