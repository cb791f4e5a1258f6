import { sql } from "kysely";
import type { HeldBack } from "../../domain/models/circuits.ts";
import type { Database } from "../database.ts";

/** What processes hold calls back from, and have told each other of: endpoints first, then single models behind them. */
export async function listCircuits(db: Database): Promise<HeldBack[]> {
  const { rows } = await sql<HeldBack>`
    select provider, endpoint, nullif(model, '') as model, reason,
      case when open_until > clock_timestamp() then 'open' else 'half_open' end as state,
      greatest(0, ceil(extract(epoch from open_until - clock_timestamp()) * 1000))::float8 as "retryAfterMs",
      coalesce(probe_until > clock_timestamp(), false) as "isTried"
    from sluice.circuits where open_until >= clock_timestamp() - interval '10 minutes'
    order by provider collate "C", endpoint collate "C", model collate "C"`.execute(db);
  return rows;
}
