import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Dead letters of one prompt that its webhooks have not been told of. */
export interface UntoldLetters {
  readonly prompt: string;
  /** The newest of them. */
  readonly id: string;
  readonly operation: string;
  readonly rolloutId: string | null;
  readonly message: string;
  /** How many they are. */
  readonly untold: number;
  /** How many are open in all. */
  readonly open: number;
  readonly since: Date;
}

/** By prompt. What a webhook itself did not take is left out: it would not take this either. */
export async function untoldLetters(db: Database): Promise<UntoldLetters[]> {
  const { rows } = await sql<UntoldLetters>`
    select prompt, (array_agg(id order by created_at desc))[1] as id,
      (array_agg(operation order by created_at desc))[1] as operation,
      (array_agg(rollout_id order by created_at desc))[1] as "rolloutId",
      (array_agg(error ->> 'message' order by created_at desc))[1] as message,
      count(*)::integer as untold, min(created_at) as since,
      (select count(*)::integer from sluice.dead_letters o where o.status = 'open' and o.prompt = l.prompt) as open
    from sluice.dead_letters l
    where status = 'open' and told_at is null and prompt is not null and operation <> 'notify'
    group by prompt order by prompt`.execute(db);
  return rows;
}
