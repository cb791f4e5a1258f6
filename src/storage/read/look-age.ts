import { sql } from "kysely";
import type { Database } from "../database.ts";

/** How long ago a rollout was last looked at, in ms by the database's clock; null: never. */
export async function lookAgeMs(db: Database, rolloutId: string): Promise<number | null> {
  const newest = await db
    .selectFrom("assessments")
    .select(sql<number>`extract(epoch from clock_timestamp() - at)::double precision * 1000`.as("age_ms"))
    .where("rollout_id", "=", rolloutId)
    .orderBy("tick", "desc")
    .limit(1)
    .executeTakeFirst();
  return newest?.age_ms ?? null;
}

/** When a rollout was last looked at. */
export async function newestLook(db: Database, rolloutId: string): Promise<Date | undefined> {
  const newest = await db
    .selectFrom("assessments")
    .select("at")
    .where("rollout_id", "=", rolloutId)
    .orderBy("tick", "desc")
    .limit(1)
    .executeTakeFirst();
  return newest?.at;
}
