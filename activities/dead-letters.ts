import type { Database } from "../src/storage/database.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { fileDeadLetter } from "../src/storage/write/file-dead-letter.ts";
import { insistently } from "./insistently.ts";

export function deadLetterActivities({ db }: { readonly db: Database }) {
  return {
    /** Keeps what a rollout could not do, with what it takes to do it again. */
    fileDeadLetter: (failed: FailedOperation): Promise<string> => insistently(() => file(db, failed)),
  };
}

export interface FailedOperation {
  readonly rolloutId: string;
  readonly operation: string;
  readonly code: string;
  readonly message: string;
}

async function file(db: Database, failed: FailedOperation): Promise<string> {
  const rollout = await findRollout(db, failed.rolloutId);
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
      scope: rollout && {
        label: rollout.label,
        prompt: rollout.prompt,
        model: rollout.model,
        tenant: rollout.tenant,
      },
    },
    error: { code: failed.code, message: failed.message },
  });
}
