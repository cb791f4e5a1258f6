import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Letters taken at a time: each may take a receiver's whole patience. */
const MOST = 10;

export interface LetterClaim {
  /** What may heal by itself. */
  readonly operation: string;
  /** Between two attempts, in ms. */
  readonly everyMs: number;
  /** Older ones are left to people, in ms. */
  readonly youngerThanMs: number;
}

/** The open letters whose turn it is, each given to one caller alone. */
export async function claimLetters(db: Database, claim: LetterClaim): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update sluice.dead_letters set error = error || jsonb_build_object('claimedAt', clock_timestamp())
    where id in (
      select id from sluice.dead_letters
      where status = 'open' and operation = ${claim.operation}
        and created_at > clock_timestamp() - ${claim.youngerThanMs} * interval '1 millisecond'
        and coalesce((error ->> 'claimedAt')::timestamptz, (error ->> 'at')::timestamptz, created_at)
          <= clock_timestamp() - ${claim.everyMs} * interval '1 millisecond'
      order by created_at limit ${MOST} for update skip locked)
    returning id`.execute(db);
  return rows.map(({ id }) => id);
}
