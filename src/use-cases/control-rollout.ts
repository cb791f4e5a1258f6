import { conflict, SluiceError } from "../domain/errors.ts";
import { noneRunning } from "../domain/rollout/rollout-refusals.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { findLatestRollout, findOpenRollout, type RolloutRow } from "../storage/read/rollout-row.ts";
import { requirePrompt } from "../storage/read/version.ts";
import { clearAbandoned } from "./clear-abandoned.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";

/** The open rollout of a scope. `not_found` says how the last one ended. */
export async function requireOpenRollout(db: Database, scope: ScopeColumns): Promise<RolloutRow> {
  const open = await findOpenRollout(db, scope);
  if (open) return open;
  await requirePrompt(db, scope.prompt);
  const last = await findLatestRollout(db, scope);
  throw noneRunning(scope, last);
}

/** Requests something of an open rollout's workflow. Where that is gone says so, and ends what it has surely left. */
export async function controlRunning<T>(
  db: Database,
  rollout: RolloutRow,
  temporal: Pick<RolloutTemporal, "standing">,
  request: (rollout: RolloutRow) => Promise<T>,
): Promise<T> {
  try {
    return await request(rollout);
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === "not_found")) throw error;
  }
  // A workflow that was terminated has left its row open and its candidate served.
  const cleared = await clearAbandoned(db, rollout, temporal, "start");
  if (cleared)
    throw conflict(
      `the rollout's workflow is gone from Temporal; it is ended now, and all traffic is on the baseline (${cleared.outcome})`,
      { rolloutId: rollout.id, outcome: cleared.outcome },
    );
  throw conflict(
    `Temporal does not know the workflow of rollout ${rollout.id}, which was started in namespace ${rollout.temporal_namespace}: is this the right Temporal? To end it all the same: sluice rollout abort ${rollout.prompt}`,
    { rolloutId: rollout.id },
  );
}
