import { sql } from "kysely";
import type { BreakerStore } from "../../providers/breaking/circuit-breaker.ts";
import type { Database } from "../database.ts";

/**
 * The health of endpoints as all workers see it, on the database's clock. While the database is unreachable every
 * call is admitted and nothing is noted: a breaker spares calls, it must not be why one cannot be made.
 */
export function postgresBreakerStore(db: Database): BreakerStore {
  return {
    admit: (endpoint, probeMs) =>
      admit(db, endpoint, probeMs).catch(() => ({ admitted: true, isTroubled: true })),
    failed: (endpoint, threshold, openMs) => fail(db, endpoint, threshold, openMs).catch(() => undefined),
    succeeded: (endpoint) => close(db, endpoint).catch(() => undefined),
  };
}

async function admit(db: Database, endpoint: string, probeMs: number): ReturnType<BreakerStore["admit"]> {
  const { rows } = await sql<{ state: string; failures: number; left_ms: number | null }>`
    select state, failures, ceil(extract(epoch from until - clock_timestamp()) * 1000)::float8 as left_ms
    from sluice.provider_breakers where endpoint = ${endpoint}`.execute(db);
  const row = rows[0];
  if (!row || row.state === "closed") return { admitted: true, isTroubled: (row?.failures ?? 0) > 0 };
  const leftMs = row.left_ms ?? 0;
  if (leftMs > 0) return { admitted: false, retryAfterMs: leftMs };
  // Of all that ask at this moment one gets the row; the others find its time moved on.
  const probe = await sql`
    update sluice.provider_breakers set state = 'half_open', updated_at = clock_timestamp(),
      until = clock_timestamp() + ${probeMs}::float8 * interval '1 millisecond'
    where endpoint = ${endpoint} and state <> 'closed' and until <= clock_timestamp()
    returning endpoint`.execute(db);
  if (probe.rows.length > 0) return { admitted: true, isTroubled: true };
  return { admitted: false, retryAfterMs: probeMs };
}

async function fail(db: Database, endpoint: string, threshold: number, openMs: number): Promise<void> {
  await sql`
    insert into sluice.provider_breakers as b (endpoint, failures, state, until)
    values (${endpoint}, 1, case when ${threshold}::integer <= 1 then 'open' else 'closed' end,
      case when ${threshold}::integer <= 1
        then clock_timestamp() + ${openMs}::float8 * interval '1 millisecond' end)
    on conflict (endpoint) do update set failures = b.failures + 1, updated_at = clock_timestamp(),
      state = case when b.failures + 1 >= ${threshold}::integer then 'open' else b.state end,
      until = case when b.failures + 1 >= ${threshold}::integer
        then clock_timestamp() + ${openMs}::float8 * interval '1 millisecond' else b.until end`.execute(db);
}

async function close(db: Database, endpoint: string): Promise<void> {
  await sql`
    update sluice.provider_breakers
    set state = 'closed', failures = 0, until = null, updated_at = clock_timestamp()
    where endpoint = ${endpoint} and (state <> 'closed' or failures > 0)`.execute(db);
}
