import { sql } from "kysely";
import type { AuditLine } from "../../domain/shapes/audit.ts";
import type { Database } from "../database.ts";
import { readAudit } from "./audit.ts";
import { findPointer } from "./pointer.ts";
import { type RolloutRow, rolloutScope } from "./rollout-row.ts";

/** What somebody looked at before they decided: both are in a rollout's status. */
export interface SeenRollout {
  /** Of the scope's pointer. */
  readonly revision?: number | undefined;
  /** The number of the newest look at the evidence. */
  readonly tick?: number | undefined;
}

export interface ChangesSince {
  readonly revision: number | null;
  readonly tick: number | null;
  /** Moves of the pointer. */
  readonly moves: readonly Pick<AuditLine, "action" | "at" | "reason" | "revision">[];
  /** Looks that say something else than the one before. */
  readonly looks: readonly {
    readonly tick: number;
    readonly at: string;
    readonly verdict: string;
    readonly reason: string;
  }[];
}

/** Audit entries of a rollout that are looked through: a rollout has tens. */
const MOST_ENTRIES = 200;

/**
 * What has changed since then: the pointer has moved, or a newer look has come to another verdict. Undefined: nothing
 * has. That there were more looks which say the same is no change.
 */
export async function changesSince(
  db: Database,
  rollout: RolloutRow,
  seen: SeenRollout,
): Promise<ChangesSince | undefined> {
  const revision = (await findPointer(db, rolloutScope(rollout)))?.revision ?? null;
  const looks = seen.tick === undefined ? [] : await otherVerdicts(db, rollout.id, seen.tick);
  const hasMoved = seen.revision !== undefined && seen.revision !== revision;
  if (!hasMoved && looks.length === 0) return undefined;
  const entries = await readAudit(db, { rolloutId: rollout.id, limit: MOST_ENTRIES });
  return {
    revision,
    tick: looks.at(-1)?.tick ?? seen.tick ?? null,
    moves: entries
      .filter((entry) => hasMoved && entry.revision !== null && entry.revision > (seen.revision ?? 0))
      .map(({ action, at, reason, revision: moved }) => ({ action, at, reason, revision: moved })),
    looks,
  };
}

async function otherVerdicts(db: Database, rolloutId: string, tick: number): Promise<ChangesSince["looks"]> {
  const { rows } = await sql<{ tick: number; at: Date; verdict: string; reason: string }>`
    select tick, at, verdict, reason from (
      select tick, at, verdict, reason, lag(verdict) over (order by tick) as before
      from sluice.assessments where rollout_id = ${rolloutId} and tick >= ${tick}
    ) looks
    where tick > ${tick} and verdict is distinct from before
    order by tick`.execute(db);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
