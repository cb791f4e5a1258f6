import { Context } from "@temporalio/activity";
import { notifyDeadLetters } from "../src/use-cases/notify-dead-letters.ts";
import { sweepDeadLetters } from "../src/use-cases/sweep-dead-letters.ts";
import type { Log } from "../src/telemetry/log-lines.ts";
import type { Database } from "../src/storage/database.ts";
import { findPointer } from "../src/storage/read/pointer.ts";
import { findRollout, rolloutScope, type RolloutRow } from "../src/storage/read/rollout-row.ts";
import { fileDeadLetter } from "../src/storage/write/file-dead-letter.ts";
import { insistently } from "./insistently.ts";

export interface DeadLetterParts {
  readonly db: Database;
  readonly log: Log;
}

export function deadLetterActivities({ db, log }: DeadLetterParts) {
  return {
    /** Does again what heals by itself, and tells webhooks of letters that have come. Gives how many of each. */
    async sweepDeadLetters(): Promise<{ readonly closed: number; readonly told: number }> {
      const sweep = { signal: Context.current().cancellationSignal, log };
      const closed = await sweepDeadLetters(db, sweep);
      for (const id of closed) log(`closed dead letter ${id}: its webhooks have been told now`);
      const told = await notifyDeadLetters(db, sweep);
      return { closed: closed.length, told: told.length };
    },

    /** Keeps what a rollout could not do, with what it takes to do it again. */
    fileDeadLetter: (failed: FailedOperation): Promise<string> => insistently(() => file(db, failed)),
  };
}

export interface FailedOperation {
  readonly rolloutId: string;
  readonly operation: string;
  readonly code: string;
  readonly message: string;
  /** How often it was tried; absent in what older workflows ask. */
  readonly attempts?: number;
}

async function file(db: Database, failed: FailedOperation): Promise<string> {
  const rollout = await findRollout(db, failed.rolloutId);
  const pointer = rollout && (await findPointer(db, rolloutScope(rollout)));
  return fileDeadLetter(db, {
    operationId: `${failed.rolloutId}/${failed.operation}`,
    operation: failed.operation,
    prompt: rollout?.prompt ?? null,
    rolloutId: failed.rolloutId,
    payload: {
      rolloutId: failed.rolloutId,
      candidateVersion: rollout?.candidate_version ?? null,
      policySha256: rollout?.policy_sha256 ?? null,
      datasetSha256: rollout?.dataset_sha256 ?? null,
      scope: rollout && rolloutScope(rollout),
      state: rollout && stateSeen(rollout, pointer),
    },
    error: { code: failed.code, message: failed.message, attempts: failed.attempts ?? 1 },
  });
}

/** Where the rollout and its pointer were when it was given up. */
function stateSeen(rollout: RolloutRow, pointer: Awaited<ReturnType<typeof findPointer>>) {
  return {
    rollout: { phase: rollout.phase, stage: rollout.stage, outcome: rollout.outcome, reason: rollout.reason },
    pointer: pointer
      ? {
          revision: pointer.revision,
          activeVersion: pointer.active_version,
          candidateVersion: pointer.candidate_version,
          mode: pointer.mode,
          share: pointer.share,
          epoch: pointer.epoch,
          rolloutId: pointer.rollout_id,
        }
      : null,
  };
}
