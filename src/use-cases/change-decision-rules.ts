import { conflict, invalidInput } from "../domain/errors.ts";
import type { MovedRollout } from "../domain/shapes/deciding.ts";
import { DECISION_CODE_VERSIONS } from "../statistics/decision/decide.ts";
import type { Database } from "../storage/database.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { transact } from "../storage/transact.ts";
import { moveDecisionVersion } from "../storage/write/move-decision-version.ts";

export { DECISION_CODE_VERSIONS };

export interface DecisionRulesChange {
  /** One rollout's id; every running rollout of version `from` when absent. */
  readonly rolloutId?: string | undefined;
  /** Needed when no rollout is named. */
  readonly from?: string | undefined;
  readonly to: string;
  readonly reason: string;
  readonly by: string | null;
}

/** Moves running rollouts off a version of the decision rules, for one with a known fault. */
export async function changeDecisionRules(
  db: Database,
  { rolloutId, from, to, reason, by }: DecisionRulesChange,
): Promise<MovedRollout[]> {
  if (!DECISION_CODE_VERSIONS.includes(to))
    throw invalidInput(
      `there is no version ${to} of the decision rules here: this Sluice has ${DECISION_CODE_VERSIONS.join(" and ")}`,
      { version: to },
    );
  const row = rolloutId === undefined ? undefined : await findRollout(db, rolloutId);
  if (row && row.outcome !== null)
    throw conflict(`rollout ${row.id} has ended (${row.outcome}): what was decided stays as it was decided`, {
      rolloutId: row.id,
    });
  const present = row?.decision_version ?? from;
  if (present === undefined)
    throw invalidInput("say which rollouts: a NAME, or --from VERSION for every running one", {});
  if (present === to) return [];
  return transact(db, (transaction) =>
    moveDecisionVersion(transaction, { rolloutId: row?.id, from: present, to, reason, by }),
  );
}
