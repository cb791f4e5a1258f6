import { LRUCache } from "lru-cache";
import { unavailable } from "../src/domain/errors.ts";
import type { Database } from "../src/storage/database.ts";
import { findDelivery } from "../src/storage/read/deliveries.ts";
import { findEvaluation } from "../src/storage/read/evaluation.ts";
import { findPropagation } from "../src/storage/read/propagations.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { findTriage } from "../src/storage/read/triages.ts";
import { findVersionById, versionName } from "../src/storage/read/version.ts";

/** What an activity works on, for the log and for traces: nothing of what users said. */
export interface WorkSubject {
  readonly rolloutId?: string;
  readonly prompt?: string;
  /** The candidate, `support-reply@7`. */
  readonly version?: string;
  /** The trace that the rollout was started in. */
  readonly traceparent?: string;
}

/** Ids of which it is known that this database has them: what it has once it keeps. */
const KNOWN = 20_000;

/**
 * Refuses, so that another worker tries it, what is about a rollout, an evaluation, a delivery, a propagation or a triage that this
 * worker's database does not have. The row is written before the workflow starts, so without one this is another
 * installation's work: whatever would be answered here ("it is over", "there is nothing to take back") would end it there.
 */
export function ownWork(db: Database): (subject: unknown) => Promise<WorkSubject> {
  const known = new LRUCache<string, WorkSubject>({ max: KNOWN });
  return async (subject) => {
    const { rolloutId, evaluationId, deliveryId, propagationId, alertId } = (subject ?? {}) as Readonly<
      Record<string, unknown>
    >;
    let about: WorkSubject = {};
    if (typeof rolloutId === "string")
      about = await require(`rollout ${rolloutId}`, () => rolloutSubject(db, rolloutId));
    if (typeof evaluationId === "string")
      about = {
        ...(await require(`evaluation ${evaluationId}`, () => evaluationSubject(db, evaluationId))),
        ...about,
      };
    if (typeof deliveryId === "string")
      await require(`delivery ${deliveryId}`, () => isThere(findDelivery(db, deliveryId)));
    if (typeof propagationId === "string")
      await require(`propagation ${propagationId}`, () => isThere(findPropagation(db, propagationId)));
    if (typeof alertId === "string")
      await require(`the triage of alert ${alertId}`, () => isThere(findTriage(db, alertId)));
    return about;
  };

  async function require(name: string, find: () => Promise<WorkSubject | undefined>): Promise<WorkSubject> {
    const before = known.get(name);
    if (before) return before;
    const found = await find();
    if (found === undefined)
      throw unavailable(
        `${name} is not in this worker's database: does a worker of another installation poll its task queue? Give each installation a SLUICE_TASK_QUEUE of its own`,
      );
    known.set(name, found);
    return found;
  }
}

/** Work of which nothing else is told. */
async function isThere(row: Promise<unknown>): Promise<WorkSubject | undefined> {
  return (await row) === undefined ? undefined : {};
}

/** That of the rollout whose gate it is. */
async function evaluationSubject(db: Database, evaluationId: string): Promise<WorkSubject | undefined> {
  const evaluation = await findEvaluation(db, evaluationId);
  if (!evaluation) return undefined;
  const { rollout_id: rolloutId } = evaluation;
  return rolloutId === null ? {} : rolloutSubject(db, rolloutId);
}

async function rolloutSubject(db: Database, rolloutId: string): Promise<WorkSubject | undefined> {
  const rollout = await findRollout(db, rolloutId);
  if (!rollout) return undefined;
  const version = await findVersionById(db, rollout.candidate_version);
  return {
    rolloutId,
    prompt: rollout.prompt,
    ...(version && { version: versionName(version) }),
    ...(rollout.traceparent !== null && { traceparent: rollout.traceparent }),
  };
}
