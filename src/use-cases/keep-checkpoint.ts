import type { AuditCheckpoint } from "../domain/shapes/audit-checkpoint.ts";
import { digestJson } from "../digest.ts";
import type { CheckpointKeeper } from "../outbound/checkpoint-place.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { claimCheckpoint, confirmCheckpoint, noteCheckpoint } from "../storage/write/note-checkpoint.ts";
import { checkpointAudit } from "./checkpoint-audit.ts";

/**
 * Keeps a checkpoint where one is due and the log has grown, once among all workers. Gives it, or undefined when
 * there was nothing to keep.
 */
export async function keepCheckpoint(
  db: Database,
  keeper: CheckpointKeeper,
  everyMs: number,
): Promise<AuditCheckpoint | undefined> {
  return transact(db, async (transaction) => {
    if (!(await claimCheckpoint(transaction, everyMs))) return undefined;
    const checkpoint = await checkpointAudit(transaction);
    const headsSha256 = digestJson(checkpoint.heads);
    if (await confirmCheckpoint(transaction, headsSha256)) return undefined;
    await keeper.keep(checkpoint);
    await noteCheckpoint(transaction, checkpoint, headsSha256, keeper.place);
    return checkpoint;
  });
}
