import { sql } from "kysely";
import type { Transaction } from "../database.ts";

/** Days for which it stays known what somebody has spent. */
const KEPT_DAYS = 90;

export interface Spending {
  readonly account: string;
  /** Their name, for whoever reads the table. */
  readonly owner: string;
  readonly usd: number;
  /** Most US dollars of one UTC day. */
  readonly capUsd: number;
}

/** Sets an amount aside for today, and gives the day; undefined where it would be more than the day has. */
export async function reserveForToday(
  transaction: Transaction,
  { account, owner, usd, capUsd }: Spending,
): Promise<string | undefined> {
  await sql`delete from sluice.daily_spending where day < (now() at time zone 'utc')::date - ${KEPT_DAYS}::integer`.execute(
    transaction,
  );
  const { rows } = await sql<{ day: string }>`
    insert into sluice.daily_spending as d (account, day, owner, reserved_usd)
    select ${account}, (now() at time zone 'utc')::date, ${owner}, ${usd}::numeric
    where ${usd}::numeric <= ${capUsd}::numeric
    on conflict (account, day) do update set reserved_usd = d.reserved_usd + excluded.reserved_usd
    where d.spent_usd + d.reserved_usd + excluded.reserved_usd <= ${capUsd}::numeric
    returning day::text`.execute(transaction);
  return rows[0]?.day;
}

/** Replaces what was set aside on a day by what it was. Not to be repeated: it would give back twice. */
export async function settleReservation(
  transaction: Transaction,
  { account, day, usd, spentUsd }: Pick<Spending, "account" | "usd"> & { day: string; spentUsd: number },
): Promise<void> {
  await sql`
    update sluice.daily_spending
    set reserved_usd = greatest(0, reserved_usd - ${usd}::numeric), spent_usd = spent_usd + ${spentUsd}::numeric
    where account = ${account} and day = ${day}::date`.execute(transaction);
}
