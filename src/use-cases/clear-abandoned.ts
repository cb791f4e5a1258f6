import type { Database } from "../storage/database.ts";
import { findOpenRollouts, type RolloutRow } from "../storage/read/rollout-row.ts";
import { transact } from "../storage/transact.ts";
import { endRollout, type EndedRollout } from "../storage/write/end-rollout.ts";
import { recordSighting } from "../storage/write/record-workflow.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";

/**
 * Clears what a workflow that is surely over has left, because it was terminated: the traffic goes to the
 * baseline and the row is closed as failed. Any other rollout is left alone (undefined).
 */
export async function clearAbandoned(
  db: Database,
  rollout: RolloutRow,
  temporal: Pick<RolloutTemporal, "standing">,
  endedBy: "start" | "sweep",
): Promise<EndedRollout | undefined> {
  if ((await temporal.standing(rollout)) !== "over") return undefined;
  return clear(db, rollout, endedBy, "its workflow was terminated in Temporal");
}

/** For how long Temporal has to say that it does not know a workflow before its rollout is ended. */
const MISSING_FOR_MS = 3 * 60_000;

export interface Sweep {
  /** Rollouts that are younger are left to whoever starts them. */
  readonly olderThanMs: number;
  readonly missingForMs?: number;
}

/**
 * Goes over all open rollouts, and ends those whose workflow is surely gone: closed without closing its row, or
 * not known to the Temporal that it was started in, twice and some minutes apart. Gives those that it ended.
 */
export async function sweepAbandoned(
  db: Database,
  temporal: Pick<RolloutTemporal, "standing">,
  { olderThanMs, missingForMs = MISSING_FOR_MS }: Sweep,
): Promise<string[]> {
  const cleared: string[] = [];
  for (const rollout of await findOpenRollouts(db, olderThanMs)) {
    const reason = await reasonToClear(db, rollout, temporal, missingForMs);
    if (reason === undefined) continue;
    await clear(db, rollout, "sweep", reason);
    cleared.push(rollout.id);
  }
  return cleared;
}

async function reasonToClear(
  db: Database,
  rollout: RolloutRow,
  temporal: Pick<RolloutTemporal, "standing">,
  missingForMs: number,
): Promise<string | undefined> {
  const standing = await temporal.standing(rollout);
  switch (standing) {
    case "elsewhere":
      return undefined;
    case "over":
      return "its workflow was terminated in Temporal";
    case "running":
      if (rollout.missing_since !== null)
        await recordSighting(db, { rolloutId: rollout.id, isMissing: false });
      return undefined;
    case "missing": {
      const isFirst = rollout.missing_since === null;
      const missingMs = await recordSighting(db, { rolloutId: rollout.id, isMissing: true });
      if (isFirst || missingMs < missingForMs) return undefined;
      return rollout.run_id === null
        ? "its workflow was never started in Temporal"
        : "its workflow is not known to Temporal any more";
    }
  }
}

async function clear(
  db: Database,
  rollout: RolloutRow,
  endedBy: "start" | "sweep",
  reason: string,
): Promise<EndedRollout> {
  return transact(db, (transaction) =>
    endRollout(transaction, { rolloutId: rollout.id, outcome: "failed", reason, endedBy }),
  );
}
