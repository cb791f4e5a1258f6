import { sql } from "kysely";
import type { Database } from "../database.ts";

/** A rollout that is open, or has just ended, by what changes when anything happens in it. */
export interface RolloutChange {
  readonly id: string;
  readonly label: string;
  readonly prompt: string;
  readonly tenant: string;
  /** Another text whenever something has happened. */
  readonly state: string;
}

/** What is going on, at the cost of one index look a rollout that is open. */
export async function readRolloutChanges(db: Database): Promise<RolloutChange[]> {
  const { rows } = await sql<RolloutChange>`
    select r.id, r.label, r.prompt, r.tenant,
      concat_ws(' ', r.updated_at, r.phase, r.outcome, r.paused, r.waiting_for,
        (select max(a.tick) from sluice.assessments a where a.rollout_id = r.id),
        (select count(*) from sluice.approvals v where v.rollout_id = r.id)) as state
    from sluice.rollouts r
    where r.ended_at is null or r.ended_at > now() - interval '10 seconds'`.execute(db);
  return rows;
}
