import { sql } from "kysely";
import type { IntakeKind } from "../../domain/rollout/rollout.ts";
import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import type { Assessment, Cell, EpochExposures, SegmentCell } from "../../domain/rollout/verdict.ts";
import type { Database } from "../database.ts";

export interface RolloutEvidence {
  readonly cells: readonly Cell[];
  /** By segment; empty where the policy names none. */
  readonly segments: readonly SegmentCell[];
  readonly exposures: readonly EpochExposures[];
  /** Age in ms of each arm's newest folded value, per metric; null: never. */
  readonly silenceMs: Readonly<Record<string, Record<EnrolledArm, number | null>>>;
  /** The next window to close: how long it is, and in how many ms it does; null: no unit waits. */
  readonly nextClosing: { readonly windowMs: number; readonly inMs: number } | null;
  /** Outcomes that services had no room for, beside those that came; absent where there are none. */
  readonly dropped?: { readonly candidate: number; readonly control: number; readonly received: number };
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
    .select(["exposure_counts.epoch", "exposure_counts.arm", "exposure_counts.units", "rollout_epochs.stage"])
    .where("exposure_counts.rollout_id", "=", rolloutId)
    .where("rollout_epochs.mode", "=", mode)
    .orderBy("exposure_counts.epoch")
    .execute();
  const segments = await db
    .selectFrom("segment_cells")
    .innerJoin("rollout_epochs", (join) =>
      join
        .onRef("rollout_epochs.rollout_id", "=", "segment_cells.rollout_id")
        .onRef("rollout_epochs.epoch", "=", "segment_cells.epoch"),
    )
    .selectAll("segment_cells")
    .where("segment_cells.rollout_id", "=", rolloutId)
    .where("rollout_epochs.mode", "=", mode)
    .orderBy("segment_cells.epoch")
    .orderBy("segment_cells.segment")
    .orderBy("segment_cells.value")
    .execute();
  const next = await db
    .selectFrom("open_units")
    .select([
      "window_ms",
      sql<number>`extract(epoch from closes_at - clock_timestamp())::double precision * 1000`.as("in_ms"),
    ])
    .where("rollout_id", "=", rolloutId)
    .orderBy("closes_at")
    .limit(1)
    .executeTakeFirst();
  const dropped = await readDropped(db, rolloutId);
  return {
    ...(dropped && { dropped }),
    segments: segments.map((row) => ({
      ...cellOf({ ...row, uncapped: row.mean }),
      segment: row.segment,
      value: row.value,
    })),
    cells: rows.map(cellOf),
    exposures: exposuresOf(counts),
    silenceMs: silenceOf(rows),
    nextClosing: next ? { windowMs: next.window_ms, inMs: Math.max(0, next.in_ms) } : null,
  };
}

async function readDropped(db: Database, rolloutId: string): Promise<RolloutEvidence["dropped"]> {
  const rows = await db
    .selectFrom("rollout_intake")
    .select(["kind", "n"])
    .where("rollout_id", "=", rolloutId)
    .where("kind", "in", ["joined", "dropped_candidate", "dropped_control"])
    .execute();
  const of = (kind: IntakeKind) => rows.find((row) => row.kind === kind)?.n ?? 0;
  const [candidate, control] = [of("dropped_candidate"), of("dropped_control")];
  return candidate + control === 0 ? undefined : { candidate, control, received: of("joined") };
}

interface CellRow {
  readonly epoch: number;
  readonly arm: EnrolledArm;
  readonly metric: string;
  readonly units: number;
  readonly n: number;
  readonly mean: number;
  readonly m2: number;
  readonly uncapped: number;
  readonly ratio_s: number;
  readonly ratio_c: number;
  readonly ratio_ss: number;
  readonly ratio_cc: number;
  readonly ratio_sc: number;
  readonly age_ms: number | null;
}

function cellOf(row: Omit<CellRow, "age_ms">): Cell {
  const { epoch, arm, metric, units, n, mean, m2, uncapped } = row;
  const cell = { epoch, arm, metric, units, n, mean, m2, uncapped };
  if (row.ratio_c === 0) return cell;
  return {
    ...cell,
    ratio: { s: row.ratio_s, c: row.ratio_c, ss: row.ratio_ss, cc: row.ratio_cc, sc: row.ratio_sc },
  };
}

function exposuresOf(
  rows: readonly {
    readonly epoch: number;
    readonly arm: EnrolledArm;
    readonly units: number;
    readonly stage: number;
  }[],
): EpochExposures[] {
  const byEpoch = new Map<number, { candidate: number; control: number; stage: number }>();
  for (const { epoch, arm, units, stage } of rows) {
    const counts = byEpoch.get(epoch) ?? { candidate: 0, control: 0, stage };
    counts[arm] = units;
    byEpoch.set(epoch, counts);
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
