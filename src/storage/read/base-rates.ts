import { counted } from "../../domain/text/counted.ts";
import { sql } from "kysely";
import { measurements } from "../../domain/rollout/measurements.ts";
import type { RolloutPolicy } from "../../domain/policy/policy.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** So many units, or so many of them with an event, make a share that a limit can be built on. */
const ENOUGH_UNITS = 3000;
const ENOUGH_EVENTS = 30;

export interface FrozenBaseRates {
  /** The policy with the share of units with an event of each rare metric that enough is known of. */
  readonly policy: RolloutPolicy;
  /** One sentence a rare metric: what is known of it. */
  readonly notes: readonly string[];
}

/**
 * What rare events have been like in this scope: of units, never of outcomes (1 % of calls can be 5 % of users), and
 * measured as they will be measured, so it is the control arms of the scope's rollouts of the last 30 days that know it.
 */
export async function frozenBaseRates(
  db: Database,
  policy: RolloutPolicy,
  scope: ScopeColumns,
): Promise<FrozenBaseRates> {
  const metrics = { ...policy.metrics };
  const notes: string[] = [];
  for (const { metric, kind, measure, window_ms } of measurements(policy)) {
    const spec = metrics[metric];
    if (kind !== "rare" || !spec) continue;
    const { rows } = await sql<{ units: number; events: number }>`
      select coalesce(sum(c.units), 0) as units, coalesce(sum(c.n * c.mean), 0) as events
      from sluice.rollouts r
      join sluice.rollout_metrics m on m.rollout_id = r.id and m.metric = ${metric} and m.kind = 'rare'
        and m.measure = ${measure} and m.window_ms = ${window_ms}
      join sluice.cells c on c.rollout_id = r.id and c.metric = m.metric and c.arm = 'control'
      where r.label = ${scope.label} and r.prompt = ${scope.prompt} and r.model = ${scope.model}
        and r.tenant = ${scope.tenant} and r.started_at > now() - interval '30 days'`.execute(db);
    const units = Number(rows[0]!.units);
    const events = Math.round(Number(rows[0]!.events));
    const known = `${events} of ${counted(units, "unit")} of the last 30 days had ${metric}`;
    if (units >= ENOUGH_UNITS || events >= ENOUGH_EVENTS) {
      metrics[metric] = { ...spec, base_rate: { rate: events / units, units, events } };
      notes.push(known);
    } else notes.push(`${known}: too few to build a limit on, so the control's own share will be taken`);
  }
  return { policy: { ...policy, metrics }, notes };
}
