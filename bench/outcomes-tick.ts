import { canaryOf } from "../src/domain/policy/policy.ts";
import { sql } from "kysely";
import {
  assess,
  DECISION_CODE_VERSION,
  type AssessmentInput,
} from "../src/statistics/decision/assessment.ts";
import { newestAssessment, readRolloutEvidence } from "../src/storage/read/rollout-evidence.ts";
import { foldUnits } from "../src/storage/write/fold-units.ts";
import { saveAssessment } from "../src/storage/write/save-assessment.ts";
import type { OutcomeStore } from "./outcomes-store.ts";

/** Lets the windows of at most so many units close; those that were exposed first. */
export async function closeWindows({ db }: OutcomeStore, rollout: string, units: number): Promise<void> {
  await sql`update sluice.open_units set closes_at = now() - interval '1 second'
    where (exposure, window_ms) in (
      select exposure, window_ms from sluice.open_units
      where rollout_id = ${rollout}::uuid order by closes_at limit ${units}
    )`.execute(db);
}

/** One tick as the watching activity makes it: fold what is due, read, decide, store. Gives its time in ms. */
export async function tick(store: OutcomeStore, rollout: string): Promise<number> {
  const { db, policy } = store;
  const start = performance.now();
  await foldUnits(db, rollout);
  const last = await newestAssessment(db, rollout);
  const evidence = await readRolloutEvidence(db, rollout, "canary");
  const input: AssessmentInput = {
    canary: canaryOf(policy),
    metrics: policy.metrics,
    ...evidence,
    stage: 0,
    dwellMs: 0,
    elapsedMs: 1000,
    frozen: false,
    mode: "canary",
    promoteNow: false,
    fuseStreaks: last?.assessment.fuseStreaks ?? {},
    fuses: last?.assessment.fuses ?? {},
    baseRates: last?.assessment.baseRates ?? {},
  };
  const assessment = assess(input);
  await saveAssessment(db, {
    rolloutId: rollout,
    tick: (last?.tick ?? 0) + 1,
    stage: 0,
    epoch: 1,
    baselineVersion: store.baseline,
    assessment,
    inputs: input,
    codeVersion: DECISION_CODE_VERSION,
  });
  return performance.now() - start;
}
