import { isConnectionError, type Database, type Transaction } from "./database.ts";

// Serialisation failure, deadlock, and two transactions creating the same row.
const RETRYABLE_STATES = new Set(["40001", "40P01", "23505"]);
const ATTEMPTS = 5;

/**
 * Runs work in one transaction and tries again when the connection was lost or Postgres asked for it.
 * A lost acknowledgement means that the work may have been committed, so whatever it writes must be
 * idempotent: by an operation id (see write/apply-once.ts) or by a natural key.
 */
export async function transact<T>(db: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      const state = (error as { code?: string }).code ?? "";
      if (attempt >= ATTEMPTS || !(isConnectionError(error) || RETRYABLE_STATES.has(state))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** (attempt - 1) * (0.5 + Math.random())));
    }
  }
}
