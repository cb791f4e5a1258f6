import { sql } from "kysely";
import type { AuditCheckpoint } from "../../domain/shapes/audit-checkpoint.ts";
import type { Transaction } from "../database.ts";

/**
 * Whether a checkpoint is due: none was kept, and no growth of the log ruled out, for this long. Until the transaction
 * ends nobody else finds one due.
 */
export async function claimCheckpoint(transaction: Transaction, everyMs: number): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('sluice.audit_checkpoints', 0)) and not exists (
      select from sluice.audit_checkpoints where confirmed_at > now() - ${everyMs} * interval '1 millisecond'
    ) as due`.execute(transaction);
  return rows[0]!.due;
}

/** True where the newest checkpoint has the same heads: it is noted that it still holds. */
export async function confirmCheckpoint(transaction: Transaction, headsSha256: string): Promise<boolean> {
  const { rows } = await sql`
    update sluice.audit_checkpoints set confirmed_at = now()
    where at = (select max(at) from sluice.audit_checkpoints) and heads_sha256 = ${headsSha256}
    returning at`.execute(transaction);
  return rows.length > 0;
}

/** Notes that a checkpoint was kept. */
export async function noteCheckpoint(
  transaction: Transaction,
  { at, sha256, heads }: AuditCheckpoint,
  headsSha256: string,
  keptIn: string,
): Promise<void> {
  await transaction
    .insertInto("audit_checkpoints")
    .values({
      at: new Date(at),
      sha256,
      heads_sha256: headsSha256,
      prompts: heads.length,
      kept_in: keptIn,
      confirmed_at: sql<Date>`now()`,
    })
    .execute();
}
