import type { RetentionPeriods } from "../src/domain/retention.ts";
import type { RetentionResult, RetentionStep } from "../src/domain/shapes/retention.ts";
import type { Database } from "../src/storage/database.ts";
import { removeExpired } from "../src/storage/write/remove-expired.ts";
import { clearContents, findLostContents } from "../src/use-cases/clear-contents.ts";
import { beginRetention, CONTENTS, endRetention } from "../src/storage/write/retention-run.ts";

/** One activity goes on for so long: what a killed worker had done is then nearly all that was done. */
const TURN_MS = 30_000;

export interface RetentionParts {
  readonly db: Database;
  readonly retention: RetentionPeriods;
}

export function retentionActivities({ db, retention }: RetentionParts) {
  /** What nobody refers to goes first, and counts; then it is looked whether the others are there. */
  async function clearOrFind(turn: number, before: Date, hasTime: () => boolean) {
    if (turn === 0) {
      const { removed, isDone } = await clearContents(db, before, hasTime);
      return { rows: removed, next: isDone ? 1 : 0 };
    }
    await findLostContents(db);
    return { rows: 0, next: null };
  }

  return {
    /** Says what there is to go through. Once per run, whose periods stay what they were. */
    beginRetention: ({ runId }: { readonly runId: string }): Promise<readonly RetentionStep[]> =>
      beginRetention(db, runId, retention),

    /** Goes through a table for a while, from a page on. */
    async removeExpired({
      table,
      before,
      fromBlock,
    }: RetentionStep & { readonly fromBlock: number }): Promise<{ rows: number; next: number | null }> {
      const until = performance.now() + TURN_MS;
      if (table === CONTENTS)
        return clearOrFind(fromBlock, new Date(before), () => performance.now() < until);
      const of = { table, before: new Date(before) };
      let rows = 0;
      let next: number | null = fromBlock;
      do {
        const removed = await removeExpired(db, { ...of, fromBlock: next });
        rows += removed.rows;
        next = removed.next;
      } while (next !== null && performance.now() < until);
      return { rows, next };
    },

    endRetention: ({ runId, ...result }: RetentionResult & { readonly runId: string }): Promise<void> =>
      endRetention(db, runId, result),
  };
}
