import { setTimeout as delay } from "node:timers/promises";
import { SluiceError, unavailable } from "../domain/errors.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import {
  startRollout,
  type RolloutStarter,
  type StartedRollout,
  type StartRollout,
} from "./start-rollout.ts";

export interface RolloutReplacer extends RolloutStarter {
  /** Asks the rollout that runs for the scope to end. */
  readonly abort: (
    scope: ScopeColumns,
    word: { readonly by: string; readonly reason: string },
  ) => Promise<unknown>;
}

const LOOK_MS = 250;
const PATIENCE_MS = 60_000;

/**
 * Starts a rollout; where another one runs, ends that one first and waits until it is over. Whatever it
 * would have promoted is not promoted any more.
 */
export async function replaceRollout(
  db: Database,
  temporal: RolloutReplacer,
  start: StartRollout,
  signal: AbortSignal,
): Promise<StartedRollout & { readonly replaced: string | null }> {
  try {
    return { ...(await startRollout(db, temporal, start)), replaced: null };
  } catch (error) {
    const running = runningRollout(error);
    if (running === undefined) throw error;
    await temporal.abort(start.scope, {
      by: start.by ?? "unknown",
      reason: `replaced by ${start.prompt}@${start.number}`,
    });
    await untilOver(db, temporal, start.scope, running, signal);
    return { ...(await startRollout(db, temporal, start)), replaced: running };
  }
}

function runningRollout(error: unknown): string | undefined {
  if (!(error instanceof SluiceError) || error.code !== "conflict") return undefined;
  const { rolloutId } = error.details;
  return typeof rolloutId === "string" ? rolloutId : undefined;
}

async function untilOver(
  db: Database,
  temporal: RolloutStarter,
  scope: ScopeColumns,
  rolloutId: string,
  signal: AbortSignal,
): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const row = await findRollout(db, rolloutId);
    const { running } = await temporal.isRunning(scope);
    if (!running && (row === undefined || row.outcome !== null)) return;
    await delay(LOOK_MS, undefined, { signal });
  }
  throw unavailable(
    `the rollout ${rolloutId} has not ended within a minute of being asked to: is a worker running? Then start again`,
    { rolloutId },
  );
}
