import { setTimeout as delay } from "node:timers/promises";
import { jittered } from "../domain/jitter.ts";
import type { Database, Transaction } from "./database.ts";
import { isStoreTrouble } from "./store-failure.ts";

/** Two transactions have created the same row: the second time one of them finds it. */
const SAME_ROW = "23505";
/** A lock or a statement took too long: asking at once would wait as long again, and the caller wants to know. */
const TOOK_TOO_LONG = new Set(["55P03", "57014"]);
const ATTEMPTS = 5;
const GIVE_UP_MS = 5_000;

/**
 * Runs work in one transaction and tries again, for a few seconds, what may pass: a lost connection, a server
 * that is read-only or full for now, a serialisation failure.
 * A lost acknowledgement means that the work may have been committed, so whatever it writes must be
 * idempotent: by an operation id (see write/apply-once.ts) or by a natural key.
 */
export async function transact<T>(db: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      const state = (error as { code?: string }).code ?? "";
      const mayPass = state === SAME_ROW || (isStoreTrouble(error) && !TOOK_TOO_LONG.has(state));
      if (!mayPass || attempt >= ATTEMPTS || performance.now() - began > GIVE_UP_MS) throw error;
      await delay(jittered(150 * 2 ** (attempt - 1), Math.random()));
    }
  }
}
