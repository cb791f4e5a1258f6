import type { Database } from "../src/storage/database.ts";
import { epochOfRollout } from "../src/storage/read/pointer.ts";
import { renewLease } from "../src/storage/write/renew-lease.ts";
import type { StageWatch, WatchResult } from "../src/protocol/activity-values.ts";

/** Why a watch is over: the candidate is not this watcher's any more. */
export class LeaseLost extends Error {
  readonly result: Pick<WatchResult, "verdict" | "reason">;

  constructor(result: LeaseLost["result"]) {
    super(result.reason);
    this.result = result;
  }
}

/** What it means that the lease of an epoch cannot be renewed, by the epoch that the pointer has for the rollout. */
function lossOf(epoch: number, found: number | undefined): LeaseLost["result"] {
  if (found === epoch)
    return { verdict: "lapsed", reason: "the lease ran out, so resolvers took the candidate off" };
  if (found !== undefined && found < epoch)
    return {
      verdict: "lapsed",
      reason: `the database is at epoch ${found} and not at ${epoch}: it was restored from a backup, so the stage is opened again`,
    };
  return { verdict: "superseded", reason: "somebody else has moved the pointer" };
}

/** The lease of a candidate's traffic, renewed each third of its time by the monotonic clock. */
export class StageLease {
  readonly #db: Database;
  readonly #watch: StageWatch;
  readonly #leaseMs: number;
  /** By the monotonic clock. */
  dueAt = 0;

  constructor(db: Database, watch: StageWatch, leaseMs: number) {
    this.#db = db;
    this.#watch = watch;
    this.#leaseMs = leaseMs;
  }

  /** Renews the lease when it is time to. Throws {@link LeaseLost} when it has run out or the pointer was moved. */
  async keep(): Promise<void> {
    const askedAt = performance.now();
    if (askedAt < this.dueAt) return;
    const { rolloutId, epoch } = this.#watch;
    if (!(await renewLease(this.#db, { rolloutId, epoch, leaseMs: this.#leaseMs }))) {
      throw new LeaseLost(lossOf(epoch, await epochOfRollout(this.#db, rolloutId)));
    }
    this.dueAt = askedAt + this.#leaseMs / 3;
  }
}
