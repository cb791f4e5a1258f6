import { sql } from "kysely";
import type { Assessment } from "../../domain/rollout/verdict.ts";
import type { Database } from "../database.ts";
import { storableJson } from "../storable-json.ts";

export interface AssessmentToSave {
  readonly rolloutId: string;
  readonly tick: number;
  /** 0-based stage. */
  readonly stage: number;
  readonly epoch: number;
  readonly baselineVersion: string | null;
  readonly assessment: Assessment;
  /** Everything the decision was computed from, so that it can be computed again. */
  readonly inputs: unknown;
  readonly codeVersion: string;
}

/** Stores one tick's decision. False when another watcher has stored this tick already. */
export async function saveAssessment(db: Database, save: AssessmentToSave): Promise<boolean> {
  const saved = await db
    .insertInto("assessments")
    .values({
      rollout_id: save.rolloutId,
      tick: save.tick,
      at: sql<Date>`clock_timestamp()`,
      stage: save.stage + 1,
      epoch: save.epoch,
      verdict: save.assessment.verdict,
      reason: save.assessment.reason,
      baseline_version: save.baselineVersion,
      assessment: storableJson(save.assessment),
      inputs: storableJson(save.inputs),
      code_version: save.codeVersion,
    })
    .onConflict((conflict) => conflict.columns(["rollout_id", "tick"]).doNothing())
    .returning("tick")
    .executeTakeFirst();
  return saved !== undefined;
}
