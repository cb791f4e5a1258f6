import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What somebody has spent of today, and what calls under way may still cost, in US dollars. */
export async function spentToday(
  db: Database,
  account: string,
): Promise<{ readonly spentUsd: number; readonly reservedUsd: number; readonly resetsAt: string }> {
  const { rows } = await sql<{ spent: string | null; reserved: string | null; resets: Date }>`
    select d.spent_usd as spent, d.reserved_usd as reserved, today.day + interval '1 day' as resets
    from (select date_trunc('day', now(), 'UTC') as day) today
    left join sluice.daily_spending d
      on d.account = ${account} and d.day = (today.day at time zone 'utc')::date`.execute(db);
  const { spent, reserved, resets } = rows[0]!;
  return { spentUsd: Number(spent), reservedUsd: Number(reserved), resetsAt: resets.toISOString() };
}
