import { setTimeout as delay } from "node:timers/promises";
import { SluiceError, unavailable } from "../domain/errors.ts";
import type { Database } from "../storage/database.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { abortRollout, type RequestAbort } from "./abort-rollout.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";
import { startRollout } from "./start-rollout.ts";
import type { StartedRollout } from "../domain/shapes/rollouts.ts";
import type { StartRollout } from "./prepare-start.ts";

export interface RolloutReplacer extends RolloutTemporal {
  readonly requestAbort: RequestAbort;
}

const LOOK_MS = 250;
const PATIENCE_MS = 60_000;
/** Rollouts that others start in between are ended too, but not for ever. */
const MOST_REPLACED = 5;

/**
 * Starts a rollout; where another one runs, ends that one first and waits until it is over. Whatever it
 * would have promoted is not promoted any more. One that ends by itself meanwhile is no obstacle.
 */
export async function replaceRollout(
  db: Database,
  temporal: RolloutReplacer,
  start: StartRollout,
  signal: AbortSignal,
): Promise<StartedRollout & { readonly replaced: string | null }> {
  let replaced: string | null = null;
  for (let ended = 0; ; ended++) {
    try {
      return { ...(await startRollout(db, temporal, start)), replaced };
    } catch (error) {
      const running = runningRollout(error);
      if (running === undefined || ended === MOST_REPLACED) throw error;
      await endRunning(db, temporal, running, start, signal);
      replaced = running;
    }
  }
}

function runningRollout(error: unknown): string | undefined {
  if (!(error instanceof SluiceError) || error.code !== "conflict") return undefined;
  const { rolloutId } = error.details;
  return typeof rolloutId === "string" ? rolloutId : undefined;
}

async function endRunning(
  db: Database,
  temporal: RolloutReplacer,
  rolloutId: string,
  start: StartRollout,
  signal: AbortSignal,
): Promise<void> {
  const rollout = await findRollout(db, rolloutId);
  if (!rollout || rollout.outcome !== null) return;
  const request = { by: start.by ?? "unknown", reason: `replaced by ${start.prompt}@${start.number}` };
  try {
    await abortRollout(db, rollout, request, temporal.requestAbort);
  } catch (error) {
    // It is ending, or being promoted, already: what it comes to is waited for.
    if (!(error instanceof SluiceError && error.code === "conflict")) throw error;
  }
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const row = await findRollout(db, rolloutId);
    // Promoted since it was asked, and watched: it is asked again.
    const isPromotedSince = row?.phase === "watching" && rollout.phase !== "watching";
    if (!row || row.outcome !== null || isPromotedSince) return;
    await delay(LOOK_MS, undefined, { signal });
  }
  throw unavailable(
    `the rollout ${rolloutId} has not ended within a minute of being asked to: is a worker running? Then start again`,
    { rolloutId },
  );
}
