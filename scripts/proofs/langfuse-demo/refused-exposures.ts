import { sql } from "kysely";
import type { Database } from "../../../src/storage/database.ts";

/** Has the store note, whenever it refuses exposures, whether their rollout had ended by then. */
export async function noteRefusedExposures(db: Database): Promise<void> {
  await sql`create table sluice.proof_refused (rollout_id uuid, n bigint, ended boolean, at timestamptz)`.execute(
    db,
  );
  await sql`
    create function sluice.note_refused() returns trigger language plpgsql security definer set search_path = '' as $$
    begin
      insert into sluice.proof_refused
        select new.rollout_id, new.n - case when tg_op = 'UPDATE' then old.n else 0 end,
               (select r.outcome is not null from sluice.rollouts r where r.id = new.rollout_id), clock_timestamp();
      return new;
    end $$`.execute(db);
  await sql`create trigger note_refused after insert or update of n on sluice.rollout_intake
    for each row when (new.kind = 'refused_exposure') execute function sluice.note_refused()`.execute(db);
}

export interface RefusedExposures {
  readonly rolloutId: string;
  /** Of a rollout that was over: clients serve what they have for their TTL, and once more. */
  readonly afterEnd: number;
  /** Of a rollout that was still on: another epoch, or no arm at all. */
  readonly before: number;
}

/** What was refused, by rollout. */
export async function refusedExposures(db: Database): Promise<readonly RefusedExposures[]> {
  const { rows } = await sql<RefusedExposures>`
    select rollout_id as "rolloutId", coalesce(sum(n) filter (where ended), 0)::int as "afterEnd",
      coalesce(sum(n) filter (where ended is not true), 0)::int as before
    from sluice.proof_refused group by rollout_id`.execute(db);
  return rows;
}
