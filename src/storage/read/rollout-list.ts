import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import { normaliseModel } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import type { ListedRollout } from "../../domain/shapes/rollouts.ts";
import { promptSeenBy, seenBy } from "./seen-by.ts";

export interface RolloutFilter {
  readonly prompt?: string | undefined;
  readonly label?: string | undefined;
  /** "" means those of no model, of no tenant. */
  readonly model?: string | undefined;
  readonly tenant?: string | undefined;
  /** Only those that have not ended. */
  readonly running?: boolean | undefined;
  /** Only those that have. */
  readonly ended?: boolean | undefined;
  /** Only what a key with these grants may know of. */
  readonly seen?: Grants | undefined;
  readonly limit: number;
  /** Only those that started before the rollout of this id; one that is not there has none before it. */
  readonly after?: string | undefined;
}

/** The newest rollouts, newest first. */
export async function listRollouts(db: Database, filter: RolloutFilter): Promise<ListedRollout[]> {
  let query = db
    .selectFrom("rollouts")
    .innerJoin("versions as candidate", "candidate.id", "rollouts.candidate_version")
    .leftJoin("versions as baseline", "baseline.id", "rollouts.baseline_version")
    .selectAll("rollouts")
    .select([
      "candidate.prompt as candidate_prompt",
      "candidate.number as candidate_number",
      "baseline.prompt as baseline_prompt",
      "baseline.number as baseline_number",
    ]);
  if (filter.prompt !== undefined) query = query.where("rollouts.prompt", "=", filter.prompt);
  if (filter.label !== undefined) query = query.where("rollouts.label", "=", filter.label);
  if (filter.model !== undefined) query = query.where("rollouts.model", "=", normaliseModel(filter.model));
  if (filter.tenant !== undefined) query = query.where("rollouts.tenant", "=", filter.tenant);
  if (filter.running) query = query.where("rollouts.outcome", "is", null);
  if (filter.ended) query = query.where("rollouts.outcome", "is not", null);
  const { seen } = filter;
  if (seen)
    query = query.where(
      sql<boolean>`${promptSeenBy(seen, "rollouts.prompt")} and ${seenBy(seen, "rollouts")}`,
    );
  if (filter.after !== undefined)
    query = query.where(
      sql<boolean>`(rollouts.started_at, rollouts.id) < (select started_at, id from sluice.rollouts where id = ${filter.after})`,
    );
  const rows = await query
    .orderBy("rollouts.started_at", "desc")
    .orderBy("rollouts.id", "desc")
    .limit(filter.limit)
    .execute();
  return rows.map((row) => ({
    rolloutId: row.id,
    prompt: row.prompt,
    label: row.label,
    model: row.model || null,
    tenant: row.tenant || null,
    candidate: `${row.candidate_prompt}@${row.candidate_number}`,
    baseline: row.baseline_prompt === null ? null : `${row.baseline_prompt}@${row.baseline_number}`,
    phase: row.phase,
    outcome: row.outcome,
    reason: row.reason,
    stage: row.stage,
    share: row.share / 100,
    paused: row.paused,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    startedBy: row.asserted_by ?? row.started_by,
  }));
}
