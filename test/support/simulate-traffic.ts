import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { unitDigest } from "../../src/digest.ts";
import { armOf, bucketOf } from "../../src/domain/rollout/assignment.ts";
import type { ScopeColumns } from "../../src/domain/scope.ts";
import type { Database } from "../../src/storage/database.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";

/** What a unit reports, by the arm that it is in; undefined: nothing at all, it was only exposed. */
export type Opinion = (
  arm: "candidate" | "control",
  draw: () => number,
) => Readonly<Record<string, number>> | undefined;

/**
 * Ratings that vary, as they have to before a stage is left, and by turns and not by chance: the means of the arms
 * are the same after every second unit, so that nothing is ever decided about the candidate.
 */
export function indifferent(): Opinion {
  const given = { candidate: 0, control: 0 };
  return (arm) => ({ rating: 3 + (given[arm]++ % 2) });
}

const UNITS_A_BEAT = 200;

/** Reports outcomes of new units, in waves, for as long as a rollout runs in the scope or until the signal. */
export async function simulateTraffic(
  db: Database,
  scope: ScopeColumns,
  opinion: Opinion,
  signal: AbortSignal | undefined,
): Promise<void> {
  let state = 42;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let unit = 0; !signal?.aborted;) {
    const pointer = await findPointer(db, scope);
    if (!pointer?.rollout_id || pointer.mode === null) {
      await delay(20);
      continue;
    }
    const baseline = pointer.mode === "holdback" ? pointer.previous_version : pointer.active_version;
    const exposures: unknown[] = [];
    const outcomes: unknown[] = [];
    for (let i = 0; i < UNITS_A_BEAT; i++) {
      const name = `user-${unit++}`;
      const arm = armOf(bucketOf(pointer.salt, name), pointer.share);
      if (arm === "unenrolled") continue;
      const hashed = unitDigest(undefined, name);
      exposures.push({ rollout: pointer.rollout_id, unit: hashed, arm, epoch: pointer.epoch });
      const metrics = opinion(arm, draw);
      if (metrics === undefined) continue;
      outcomes.push({
        id: randomUUID(),
        version: arm === "candidate" ? pointer.candidate_version : baseline,
        rollout: pointer.rollout_id,
        unit: hashed,
        label: scope.label,
        metrics,
      });
    }
    await sql`select sluice.record_batch(${JSON.stringify({ exposures, outcomes })}::jsonb)`.execute(db);
    await delay(30);
  }
}
