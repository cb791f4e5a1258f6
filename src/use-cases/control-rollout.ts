import { notFound, SluiceError } from "../domain/errors.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { findLatestRollout, findOpenRollout } from "../storage/read/rollout-row.ts";
import { requirePrompt } from "../storage/read/version.ts";
import { clearAbandoned, type IsRunning } from "./clear-abandoned.ts";

/** A word that is said to a running rollout. */
export type Say<T> = (scope: ScopeColumns) => Promise<T>;

/** Says it, and where nothing runs tells what is known of the last rollout instead. */
export async function controlRunning<T>(
  db: Database,
  scope: ScopeColumns,
  isRunning: IsRunning,
  say: Say<T>,
): Promise<T> {
  try {
    return await say(scope);
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === "not_found")) throw error;
    // A workflow that was terminated has left its row open and its candidate served.
    const open = await findOpenRollout(db, scope);
    const cleared = open && (await clearAbandoned(db, open, isRunning, "start"));
    if (cleared)
      throw new SluiceError(
        "conflict",
        `the rollout's workflow is gone from Temporal; it is ended now, and all traffic is on the baseline (${cleared.outcome})`,
        { rolloutId: open.id, outcome: cleared.outcome },
      );
    throw await nothingRuns(db, scope);
  }
}

async function nothingRuns(db: Database, scope: ScopeColumns): Promise<SluiceError> {
  await requirePrompt(db, scope.prompt);
  const last = await findLatestRollout(db, scope);
  const where = describeScope(columnsScope(scope));
  return notFound(
    last
      ? `no rollout is running for ${where}; the last one ended: ${last.outcome ?? "unknown"} (${last.reason ?? "no reason kept"})`
      : `no rollout is running for ${where}; start one: sluice rollout start ${scope.prompt}@N`,
    { lastRolloutId: last?.id ?? null },
  );
}
