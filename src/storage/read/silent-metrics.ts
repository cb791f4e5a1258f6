import { sql } from "kysely";
import { counted } from "../../domain/text/counted.ts";
import { percent } from "../../domain/text/percent.ts";
import { recordedMetrics } from "../../domain/policy/policy.ts";
import type { Database } from "../database.ts";
import type { RolloutRow } from "./rollout-row.ts";

/** A silence that is less likely than this, going by how many gave a value in the canary, is none of chance. */
const SURELY = 1 / 1000;
/** Units that have to be silent in any case: one that is slow says nothing. */
const FEWEST = 5;

interface Known {
  readonly metric: string;
  /** The share of the candidate's units in the canary that gave a value; null: it had none. */
  readonly rate: number | null;
  /** When the newest value came of a unit of the promoted version in the watch; null: none has. */
  readonly newest: Date | null;
}

/**
 * What has stopped coming from the users of a promoted version while it is watched. A version that nothing is heard
 * of shows no harm, so it would be confirmed in silence. Read when it is asked for: it moves nothing, and no look
 * decides by it.
 */
export async function silenceAlerts(db: Database, row: RolloutRow): Promise<string[]> {
  const { canary, metrics } = row.policy;
  if (row.phase !== "watching" || !canary) return [];
  const alerts: string[] = [];
  for (const { metric, rate, newest } of await whatIsKnown(db, row.id, recordedMetrics(canary))) {
    if (rate === null || rate === 0) continue;
    const silent = await silentUnits(db, row.id, { windowMs: metrics[metric]?.window_ms ?? 0, newest });
    if (silent < FEWEST || (1 - rate) ** silent > SURELY) continue;
    const since = newest === null ? "since the promotion" : "since the newest one";
    alerts.push(
      `no ${metric} comes from the promoted version any more: ${counted(silent, "user")} gave none ${since}, and in the canary ${percent(rate, 2)} of them did`,
    );
  }
  return alerts;
}

async function whatIsKnown(
  db: Database,
  rolloutId: string,
  metrics: readonly string[],
): Promise<readonly Known[]> {
  const { rows } = await sql<Known>`
    select c.metric,
      sum(c.n) filter (where e.mode = 'canary')::double precision
        / nullif(sum(c.units) filter (where e.mode = 'canary'), 0)::double precision as rate,
      max(c.newest_value_at) filter (where e.mode = 'holdback') as newest
    from sluice.cells c join sluice.rollout_epochs e using (rollout_id, epoch)
    where c.rollout_id = ${rolloutId} and c.arm = 'candidate' and c.metric = any (${[...metrics]}::text[])
    group by c.metric order by c.metric`.execute(db);
  return rows;
}

/** Units that came after the newest value, and whose window has closed and been folded: none of them gave one. */
async function silentUnits(
  db: Database,
  rolloutId: string,
  { windowMs, newest }: { readonly windowMs: number; readonly newest: Date | null },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from sluice.exposures x
    where x.rollout_id = ${rolloutId} and x.mode = 'holdback' and x.arm = 'candidate'
      and (${newest}::timestamptz is null or x.exposed_at > ${newest}::timestamptz)
      and not exists (select from sluice.open_units o where o.exposure = x.id and o.window_ms = ${windowMs})`.execute(
    db,
  );
  return rows[0]!.n;
}
