import { LRUCache } from "lru-cache";
import { unavailable } from "../src/domain/errors.ts";
import type { Database } from "../src/storage/database.ts";
import { findDelivery } from "../src/storage/read/deliveries.ts";
import { findEvaluation } from "../src/storage/read/evaluation.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";

/** Ids of which it is known that this database has them: what it has once it keeps. */
const KNOWN = 20_000;

/**
 * Refuses, so that another worker tries it, what is about a rollout, an evaluation or a delivery that this worker's database
 * does not have. The row is written before the workflow starts, so without one this is another installation's
 * work: whatever would be answered here ("it is over", "there is nothing to take back") would end it there.
 */
export function ownWork(db: Database): (subject: unknown) => Promise<void> {
  const known = new LRUCache<string, true>({ max: KNOWN });
  return async (subject) => {
    const { rolloutId, evaluationId, deliveryId } = (subject ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof rolloutId === "string")
      await require(`rollout ${rolloutId}`, () => findRollout(db, rolloutId));
    if (typeof evaluationId === "string")
      await require(`evaluation ${evaluationId}`, () => findEvaluation(db, evaluationId));
    if (typeof deliveryId === "string")
      await require(`delivery ${deliveryId}`, () => findDelivery(db, deliveryId));
  };

  async function require(name: string, find: () => Promise<unknown>): Promise<void> {
    if (known.has(name)) return;
    if ((await find()) === undefined)
      throw unavailable(
        `${name} is not in this worker's database: does a worker of another installation poll its task queue? Give each installation a SLUICE_TASK_QUEUE of its own`,
      );
    known.set(name, true);
  }
}
