import { sql } from "kysely";
import type { Database } from "../database.ts";

export interface StageTimes {
  /** Since the stage was first opened, in ms. */
  readonly stageMs: number;
  /** Since the rollout's first stage was opened, in ms. */
  readonly canaryMs: number;
}

/** How long a stage (0-based) and its canary have lasted, by the database's clock alone: workers' clocks differ. */
export async function stageTimes(
  db: Database,
  watched: { readonly rolloutId: string; readonly stage: number; readonly mode: "canary" | "holdback" },
): Promise<StageTimes> {
  const { rows } = await sql<StageTimes>`
    select
      coalesce(extract(epoch from now.at - (
        select min(opened_at) from sluice.rollout_epochs e
        where e.rollout_id = r.id and e.mode = ${watched.mode}
          and (e.mode = 'holdback' or e.stage = ${watched.stage})
      )) * 1000, 0)::float8 as "stageMs",
      coalesce(extract(epoch from now.at - r.canary_started_at) * 1000, 0)::float8 as "canaryMs"
    from sluice.rollouts r, (select clock_timestamp() as at) now
    where r.id = ${watched.rolloutId}`.execute(db);
  return rows[0] ?? { stageMs: 0, canaryMs: 0 };
}
