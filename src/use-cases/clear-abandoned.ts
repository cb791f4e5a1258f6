import type { Database } from "../storage/database.ts";
import { findOpenRollouts, type RolloutRow } from "../storage/read/rollout-row.ts";
import { transact } from "../storage/transact.ts";
import { recordSighting } from "../storage/write/record-workflow.ts";
import { endRollout, type EndedRollout } from "../storage/write/end-rollout.ts";
import type { RolloutTemporal, WorkflowStanding } from "../protocol/rollout-temporal.ts";

/** For how long Temporal has to say that it does not know a workflow before what it carries out is ended. */
const MISSING_FOR_MS = 3 * 60_000;

export interface Sweep {
  /** What is younger is left to whoever starts it. */
  readonly olderThanMs: number;
  readonly missingForMs?: number;
}

/** What is kept of one whose workflow is looked for. */
interface Sighted {
  readonly kind: "rollouts" | "evaluations";
  readonly id: string;
  readonly missingSince: Date | null;
}

export const NEVER_STARTED = "its workflow was never started in Temporal";
export const WHY_GONE = {
  over: "its workflow was terminated in Temporal",
  ended:
    "its workflow has come to its end in Temporal, which this database does not know of: it was restored from a backup of before that",
  missing: "its workflow is not known to Temporal any more",
} as const;

/**
 * Whether a workflow is surely gone: closed, or not known to the Temporal that it was started in, twice and some minutes
 * apart. Undefined where it runs, may run, or is another Temporal's.
 */
export async function goneFrom(
  db: Database,
  standing: WorkflowStanding,
  { missingSince, ...of }: Sighted,
  { missingForMs = MISSING_FOR_MS }: Sweep,
): Promise<keyof typeof WHY_GONE | undefined> {
  switch (standing) {
    case "elsewhere":
      return undefined;
    case "over":
    case "ended":
      return standing;
    case "running":
      if (missingSince !== null) await recordSighting(db, { ...of, isMissing: false });
      return undefined;
    case "missing": {
      const missingMs = await recordSighting(db, { ...of, isMissing: true });
      return missingSince === null || missingMs < missingForMs ? undefined : "missing";
    }
  }
}

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
  const standing = await temporal.standing(rollout);
  if (standing !== "over" && standing !== "ended") return undefined;
  return clear(db, rollout, endedBy, WHY_GONE[standing]);
}

/**
 * Goes over all open rollouts, and ends those whose workflow is surely gone: closed without closing its row, or
 * not known to the Temporal that it was started in, twice and some minutes apart. Gives those that it ended.
 */
export async function sweepAbandoned(
  db: Database,
  temporal: Pick<RolloutTemporal, "standing">,
  sweep: Sweep,
): Promise<string[]> {
  const cleared: string[] = [];
  for (const rollout of await findOpenRollouts(db, sweep.olderThanMs)) {
    const seen = { kind: "rollouts", id: rollout.id, missingSince: rollout.missing_since } as const;
    const gone = await goneFrom(db, await temporal.standing(rollout), seen, sweep);
    if (gone === undefined) continue;
    const reason = gone === "missing" && rollout.run_id === null ? NEVER_STARTED : WHY_GONE[gone];
    await clear(db, rollout, "sweep", reason);
    cleared.push(rollout.id);
  }
  return cleared;
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
