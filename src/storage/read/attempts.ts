import { sql } from "kysely";
import type { Outcome } from "../../domain/rollout/rollout.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** Attempts older than this count no more. */
const DAYS = 30;

export interface Attempt {
  readonly rolloutId: string;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly endedAt: Date;
}

/**
 * The rollouts of the same content in a scope that ended by a verdict within 30 days, newest first: rejected,
 * rolled back or inconclusive. What an operator ended, what somebody else moved and what broke was no attempt.
 */
export async function failedAttempts(
  db: Database,
  scope: ScopeColumns,
  candidateVersion: string,
): Promise<Attempt[]> {
  return db
    .selectFrom("rollouts")
    .innerJoin("versions", "versions.id", "rollouts.candidate_version")
    .select(["rollouts.id as rolloutId", "outcome", "reason", sql<Date>`ended_at`.as("endedAt")])
    .where((where) =>
      where.and({
        "rollouts.prompt": scope.prompt,
        "rollouts.label": scope.label,
        "rollouts.model": scope.model,
        "rollouts.tenant": scope.tenant,
      }),
    )
    .where("versions.sha256", "=", (same) =>
      same
        .selectFrom("versions as candidate")
        .select("candidate.sha256")
        .where("candidate.id", "=", candidateVersion),
    )
    .where("outcome", "in", ["rejected", "rolled_back", "inconclusive"])
    .where("ended_at", ">", sql<Date>`now() - ${DAYS} * interval '1 day'`)
    .orderBy("ended_at", "desc")
    .$castTo<Attempt>()
    .execute();
}
