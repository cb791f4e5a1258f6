import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Units of one statement: a fraction of a second, so that whoever folds can do something else in between. */
const BATCH = 5_000;

/**
 * Folds every unit whose window has closed into its cells, once, in batches that each commit by themselves.
 * Two watchers at once share the work. `between` runs after each full batch; what it throws ends the folding.
 * Gives how many (unit, window) pairs were folded.
 */
export async function foldUnits(
  db: Database,
  rolloutId: string,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await sql<{ folded: number }>`
      select sluice.fold_units(${rolloutId}::uuid, ${BATCH}::integer) as folded`.execute(db);
    const folded = rows[0]?.folded ?? 0;
    total += folded;
    if (folded < BATCH) return total;
    await between();
  }
}
