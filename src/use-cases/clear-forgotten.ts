import { FORGOTTEN, type RunningWork, type WorkTemporal } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { findDelivery } from "../storage/read/deliveries.ts";
import { findEvaluation } from "../storage/read/evaluation.ts";
import { installationOrigin } from "../storage/read/installation.ts";
import { findPropagation } from "../storage/read/propagations.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { findTriage } from "../storage/read/triages.ts";

const FIND = {
  rollout: findRollout,
  evaluation: findEvaluation,
  delivery: findDelivery,
  propagation: findPropagation,
  triage: findTriage,
} as const;

/**
 * Stops the workflows of this installation that its database does not know, because it was restored from a backup that
 * was made before they began: every step of theirs would be refused for good, and the next rollout of the scope would
 * wait behind them. Rows are written before workflows start, so one without a row is surely such. Gives those it stopped.
 */
export async function clearForgotten(db: Database, temporal: WorkTemporal): Promise<RunningWork[]> {
  const cleared: RunningWork[] = [];
  const installation = await installationOrigin(db);
  for await (const work of temporal.running({ installation })) {
    if ((await FIND[work.kind](db, work.subject)) !== undefined) continue;
    await temporal.terminate(work, FORGOTTEN);
    cleared.push(work);
  }
  return cleared;
}
