import type { RetentionPeriods } from "../domain/retention.ts";
import type { RetentionReport } from "../domain/shapes/retention.ts";
import type { Database } from "../storage/database.ts";
import { lastRetentionRun, measureExpired } from "../storage/read/retention.ts";

/** What is kept for how long, what it takes, what the last run removed and, counted, what the next one would. */
export async function reportRetention(
  db: Database,
  periods: RetentionPeriods,
  { isCounting }: { readonly isCounting: boolean },
): Promise<RetentionReport> {
  const [tables, last] = [await measureExpired(db, periods, isCounting), await lastRetentionRun(db)];
  return { periods, tables, last };
}
