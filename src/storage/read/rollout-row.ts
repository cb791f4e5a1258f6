import { sql, type Selectable } from "kysely";
import { SluiceError } from "../../domain/errors.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";

export type RolloutRow = Selectable<Tables["rollouts"]>;

export async function findRollout(db: Database, rolloutId: string): Promise<RolloutRow | undefined> {
  return db.selectFrom("rollouts").selectAll().where("id", "=", rolloutId).executeTakeFirst();
}

export async function findOpenRollout(db: Database, scope: ScopeColumns): Promise<RolloutRow | undefined> {
  return db
    .selectFrom("rollouts")
    .selectAll()
    .where((where) => where.and({ ...scope }))
    .where("outcome", "is", null)
    .executeTakeFirst();
}

/** The rollouts that are open and have been for a while, the oldest first. */
export async function findOpenRollouts(db: Database, olderThanMs: number): Promise<RolloutRow[]> {
  return db
    .selectFrom("rollouts")
    .selectAll()
    .where("outcome", "is", null)
    .where("started_at", "<", sql<Date>`clock_timestamp() - ${olderThanMs} * interval '1 millisecond'`)
    .orderBy("started_at")
    .execute();
}

/** The open rollout of a scope, else the one that started last. */
export async function findLatestRollout(
  db: Database,
  scope: ScopeColumns,
  candidateVersion?: string,
): Promise<RolloutRow | undefined> {
  return db
    .selectFrom("rollouts")
    .selectAll()
    .where((where) =>
      where.and({ ...scope, ...(candidateVersion !== undefined && { candidate_version: candidateVersion }) }),
    )
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function rolloutOrThrow(db: Database, rolloutId: string): Promise<RolloutRow> {
  const rollout = await findRollout(db, rolloutId);
  if (!rollout) throw new SluiceError("internal", `rollout ${rolloutId} has no row`);
  return rollout;
}

/** What a start is recognised by when it is asked again. */
export interface RequestedRollout {
  readonly scope: ScopeColumns;
  readonly requestId: string;
  readonly candidateVersion: string;
  readonly policySha256: string;
}

/**
 * The rollout that this very request started, running or over. One that failed before it ran is left out: asking
 * again is how it is tried again. One that somebody ended before it ran is not: that was a decision.
 */
export async function findRequestedRollout(
  db: Database,
  { scope, requestId, candidateVersion, policySha256 }: RequestedRollout,
): Promise<RolloutRow | undefined> {
  return db
    .selectFrom("rollouts")
    .selectAll()
    .where((where) =>
      where.and({
        ...scope,
        request_id: requestId,
        candidate_version: candidateVersion,
        policy_sha256: policySha256,
      }),
    )
    .where((where) =>
      where.or([
        where("outcome", "is", null),
        where("outcome", "!=", "failed"),
        where("run_id", "is not", null),
      ]),
    )
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Whether it failed before its workflow ran: asking again is how it is tried again. */
export function hasFailedToRun({ outcome, run_id }: RolloutRow): boolean {
  return outcome === "failed" && run_id === null;
}

export function rolloutScope(row: RolloutRow): ScopeColumns {
  return { label: row.label, prompt: row.prompt, model: row.model, tenant: row.tenant };
}

/**
 * The newest rollout of the same version in the same scope, this one or a later one, that did not break but
 * was decided: aborted, taken back or rejected.
 */
export async function findEndedSince(db: Database, rolloutId: string): Promise<RolloutRow | undefined> {
  const rollout = await findRollout(db, rolloutId);
  if (!rollout) return undefined;
  return db
    .selectFrom("rollouts")
    .selectAll()
    .where((where) => where.and({ ...rolloutScope(rollout), candidate_version: rollout.candidate_version }))
    .where("started_at", ">=", rollout.started_at)
    .where("outcome", "in", ["aborted", "rolled_back", "rejected"])
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();
}
