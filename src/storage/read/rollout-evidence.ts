import { sql } from "kysely";
import type { EnrolledArm } from "../../domain/assignment.ts";
import type { Assessment, Cell, EpochExposures } from "../../domain/verdict.ts";
import type { Database } from "../database.ts";

export interface RolloutEvidence {
  readonly cells: readonly Cell[];
  readonly exposures: readonly EpochExposures[];
  /** Age in ms of each arm's newest folded value, per metric; null: never. */
  readonly silenceMs: Readonly<Record<string, Record<EnrolledArm, number | null>>>;
}

/** What a tick looks at: O(epochs x arms x metrics) rows, however many outcomes there are. */
export async function readRolloutEvidence(
  db: Database,
  rolloutId: string,
  mode: "canary" | "holdback",
): Promise<RolloutEvidence> {
  const rows = await db
    .selectFrom("cells")
    .innerJoin("rollout_epochs", (join) =>
      join
        .onRef("rollout_epochs.rollout_id", "=", "cells.rollout_id")
        .onRef("rollout_epochs.epoch", "=", "cells.epoch"),
    )
    .selectAll("cells")
    .select(
      sql<number | null>`extract(epoch from clock_timestamp() - newest_value_at)::double precision * 1000`.as(
        "age_ms",
      ),
    )
    .where("cells.rollout_id", "=", rolloutId)
    .where("rollout_epochs.mode", "=", mode)
    .orderBy("cells.epoch")
    .execute();
  const counts = await db
    .selectFrom("exposure_counts")
    .innerJoin("rollout_epochs", (join) =>
      join
        .onRef("rollout_epochs.rollout_id", "=", "exposure_counts.rollout_id")
        .onRef("rollout_epochs.epoch", "=", "exposure_counts.epoch"),
    )
    .select(["exposure_counts.epoch", "exposure_counts.arm", "exposure_counts.units"])
    .where("exposure_counts.rollout_id", "=", rolloutId)
    .where("rollout_epochs.mode", "=", mode)
    .orderBy("exposure_counts.epoch")
    .execute();
  return { cells: rows.map(cellOf), exposures: exposuresOf(counts), silenceMs: silenceOf(rows) };
}

interface CellRow {
  readonly epoch: number;
  readonly arm: EnrolledArm;
  readonly metric: string;
  readonly units: number;
  readonly n: number;
  readonly mean: number;
  readonly m2: number;
  readonly ratio_s: number;
  readonly ratio_c: number;
  readonly ratio_ss: number;
  readonly ratio_cc: number;
  readonly ratio_sc: number;
  readonly age_ms: number | null;
}

function cellOf(row: CellRow): Cell {
  const { epoch, arm, metric, units, n, mean, m2 } = row;
  const cell = { epoch, arm, metric, units, n, mean, m2 };
  if (row.ratio_c === 0) return cell;
  return {
    ...cell,
    ratio: { s: row.ratio_s, c: row.ratio_c, ss: row.ratio_ss, cc: row.ratio_cc, sc: row.ratio_sc },
  };
}

function exposuresOf(rows: readonly { epoch: number; arm: EnrolledArm; units: number }[]): EpochExposures[] {
  const byEpoch = new Map<number, { candidate: number; control: number }>();
  for (const row of rows) {
    const counts = byEpoch.get(row.epoch) ?? { candidate: 0, control: 0 };
    counts[row.arm] = row.units;
    byEpoch.set(row.epoch, counts);
  }
  return [...byEpoch].map(([epoch, counts]) => ({ epoch, ...counts }));
}

function silenceOf(rows: readonly CellRow[]): Record<string, Record<EnrolledArm, number | null>> {
  const silence: Record<string, Record<EnrolledArm, number | null>> = {};
  for (const { metric, arm, age_ms } of rows) {
    const arms = (silence[metric] ??= { candidate: null, control: null });
    const known = arms[arm];
    if (age_ms !== null && (known === null || age_ms < known)) arms[arm] = age_ms;
  }
  return silence;
}

export interface StoredAssessment {
  readonly tick: number;
  readonly at: Date;
  readonly assessment: Assessment;
}

export async function newestAssessment(
  db: Database,
  rolloutId: string,
): Promise<StoredAssessment | undefined> {
  return db
    .selectFrom("assessments")
    .select(["tick", "at", "assessment"])
    .where("rollout_id", "=", rolloutId)
    .orderBy("tick", "desc")
    .limit(1)
    .executeTakeFirst();
}
