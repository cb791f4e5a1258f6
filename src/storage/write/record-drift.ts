import { sql } from "kysely";
import type { Drift } from "../../domain/shapes/syncing.ts";
import type { Database, Transaction } from "../database.ts";

/** True for the one process of the installation whose turn it is: nobody has looked for so long. */
export async function claimDriftLook(db: Database, everyMs: number): Promise<boolean> {
  const { rows } = await sql`
    insert into sluice.drift_looks (looked_at) values (clock_timestamp())
    on conflict (one) do update set looked_at = excluded.looked_at
    where drift_looks.looked_at < clock_timestamp() - ${everyMs} * interval '1 millisecond'
    returning 1`.execute(db);
  return rows.length > 0;
}

/** Keeps what was seen of a repository: what was seen before keeps its time, and what is gone is removed. */
export async function recordDrift(
  transaction: Transaction,
  repository: string,
  found: readonly Drift[],
): Promise<void> {
  const present = await transaction
    .selectFrom("drift")
    .select(["prompt", "environment", "label", "model", "tenant"])
    .where("repository", "=", repository)
    .forUpdate()
    .execute();
  const rows = found.map((one) => ({
    repository,
    prompt: one.prompt,
    environment: one.environment ?? "",
    label: one.label ?? "",
    model: one.model ?? "",
    tenant: one.tenant ?? "",
    kind: one.kind,
    live: one.live,
    rollout_id: one.rolloutId,
    message: one.message,
  }));
  const keyOf = (row: (typeof present)[number]) =>
    JSON.stringify([row.prompt, row.environment, row.label, row.model, row.tenant]);
  const now = new Set(rows.map(keyOf));
  for (const gone of present.filter((row) => !now.has(keyOf(row))))
    await transaction
      .deleteFrom("drift")
      .where((where) => where.and({ repository, ...gone }))
      .execute();
  for (const row of rows)
    await transaction
      .insertInto("drift")
      .values(row)
      .onConflict((there) =>
        there.columns(["repository", "prompt", "environment", "label", "model", "tenant"]).doUpdateSet({
          kind: row.kind,
          live: row.live,
          rollout_id: row.rollout_id,
          message: row.message,
          since: sql<Date>`case when drift.kind = excluded.kind then drift.since else clock_timestamp() end`,
          told_at: sql<Date | null>`case when drift.kind = excluded.kind then drift.told_at end`,
        }),
      )
      .execute();
}

export interface UntoldDrift {
  readonly repository: string;
  readonly prompt: string;
  readonly environment: string;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
  readonly kind: Drift["kind"];
  readonly live: string | null;
  readonly message: string;
  readonly since: Date;
}

/** What was seen for a while and nobody was told of: a look in the middle of an apply sees what is gone in a moment. */
export function untoldDrift(db: Database, olderThanMs: number): Promise<UntoldDrift[]> {
  return db
    .selectFrom("drift")
    .selectAll()
    .where("told_at", "is", null)
    .where("since", "<", sql<Date>`clock_timestamp() - ${olderThanMs} * interval '1 millisecond'`)
    .execute();
}

export async function recordTold(
  db: Database,
  { repository, prompt, environment, label, model, tenant }: UntoldDrift,
) {
  await db
    .updateTable("drift")
    .set({ told_at: sql<Date>`clock_timestamp()` })
    .where((where) => where.and({ repository, prompt, environment, label, model, tenant }))
    .execute();
}
