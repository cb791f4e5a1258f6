import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { BaselineHistory } from "../domain/shapes/planning.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import { historyOf, knownUsage, type KnownUsage, WEEK_MS } from "../statistics/planning/baseline-history.ts";
import type { Database } from "../storage/database.ts";
import { readUsage } from "../storage/read/usage.ts";

/**
 * What is known before a rollout starts: the usage record of the version that serves the scope, over the
 * last 7 days. It counts outcomes, not units; one outcome is taken for one unit. Where users come back, it
 * takes longer than planned (they are new only once), and a unit's mean varies less than one outcome.
 */
export async function readBaselineHistory(
  db: Database,
  scope: ScopeColumns,
  baselineVersion: string | null,
  policy: RolloutPolicy,
): Promise<BaselineHistory> {
  return historyOf(await readKnownUsage(db, scope, baselineVersion), policy);
}

/** The same of whatever was recorded, for policies that are still being written. */
export async function readKnownUsage(
  db: Database,
  scope: ScopeColumns,
  baselineVersion: string | null,
): Promise<KnownUsage> {
  const now = Date.now();
  const versions = await readUsage(db, { scope, since: new Date(now - WEEK_MS) });
  return knownUsage(versions, baselineVersion, now);
}
