import { sql } from "kysely";
import { canaryOf, type RolloutPolicy } from "../../../src/domain/policy/policy.ts";
import type { Assessment, Cell } from "../../../src/domain/rollout/verdict.ts";
import {
  assess,
  type AssessmentInput,
  DECISION_CODE_VERSION,
} from "../../../src/statistics/decision/assessment.ts";
import { sampler, seededRandom } from "../../../src/statistics/planning/seeded-random.ts";
import type { Database } from "../../../src/storage/database.ts";
import { saveAssessment } from "../../../src/storage/write/save-assessment.ts";
import { storeRollout, type StoredRollout } from "../../support/stored-rollout.ts";

const ARMS = ["candidate", "control"] as const;
type Arm = (typeof ARMS)[number];

/** What one user's value of a metric is: normal around a mean, or 1 with this chance. */
export type Values = { readonly mean: number; readonly sd: number } | { readonly chance: number };

export interface SeededRun {
  readonly seed: number;
  readonly values: (arm: Arm) => Readonly<Record<string, Values>>;
  /** New users an arm between two looks. */
  readonly perLook: number;
  /** Looks until a stage's time is over. */
  readonly looksOfStage: number;
}

export interface SeededLooks {
  readonly rollout: StoredRollout;
  readonly looks: readonly Assessment[];
}

/**
 * A rollout whose looks were decided by the rules themselves, on values drawn by a seed, and stored as a worker stores
 * them: one a minute, the last one now.
 */
export async function storeSeededLooks(
  db: Database,
  policy: RolloutPolicy,
  run: SeededRun,
): Promise<SeededLooks> {
  const rollout = await storeRollout(db, policy);
  const draw = sampler(seededRandom(run.seed));
  const canary = canaryOf(policy);
  const cells = new Map<string, Cell>();
  const exposures: { epoch: number; candidate: number; control: number }[] = [];
  const looks: Assessment[] = [];
  let [stage, ofStage, elapsedMs] = [0, 0, 0];
  let kept: Pick<AssessmentInput, "fuses" | "baseRates"> = {};
  for (;;) {
    const epoch = stage + 1;
    const seen = exposures.find((one) => one.epoch === epoch);
    const units = (seen?.candidate ?? 0) + run.perLook;
    if (seen) Object.assign(seen, { candidate: units, control: units });
    else exposures.push({ epoch, candidate: units, control: units });
    for (const arm of ARMS)
      for (const [metric, values] of Object.entries(run.values(arm))) {
        const key = `${epoch} ${arm} ${metric}`;
        cells.set(
          key,
          merged(cells.get(key), { epoch, arm, metric, ...drawn(values, run.perLook, draw), units }),
        );
      }
    ofStage++;
    elapsedMs += canary.interval_ms;
    const input: AssessmentInput = {
      canary,
      metrics: policy.metrics,
      cells: [...cells.values()],
      exposures: structuredClone(exposures),
      stage,
      dwellMs: ofStage >= run.looksOfStage ? canary.max_duration_ms : 0,
      elapsedMs,
      frozen: false,
      mode: "canary",
      fuseStreaks: {},
      silenceMs: {},
      ...kept,
    };
    const assessment = assess(input);
    kept = { fuses: assessment.fuses ?? {}, baseRates: assessment.baseRates ?? {} };
    await saveAssessment(db, {
      rolloutId: rollout.id,
      tick: looks.length + 1,
      stage,
      epoch,
      baselineVersion: rollout.baseline,
      assessment,
      inputs: input,
      codeVersion: DECISION_CODE_VERSION,
    });
    looks.push(assessment);
    if (assessment.verdict === "advance") {
      await rollout.openStage(++stage);
      ofStage = 0;
    } else if (assessment.verdict !== "continue") break;
  }
  await sql`update sluice.assessments set at = now() - (${looks.length} - tick) * interval '1 minute'
    where rollout_id = ${rollout.id}`.execute(db);
  const { verdict, reason } = looks.at(-1)!;
  await sql`update sluice.rollouts set phase = 'done', stage = ${stage + 1}, reason = ${reason},
      outcome = ${OUTCOMES[verdict] ?? "rolled_back"}, ended_at = now(),
      started_at = now() - ${looks.length + 2} * interval '1 minute' where id = ${rollout.id}`.execute(db);
  for (const { epoch, candidate, control } of exposures)
    await sql`insert into sluice.exposure_counts (rollout_id, epoch, arm, units) values
      (${rollout.id}, ${epoch}, 'candidate', ${candidate}), (${rollout.id}, ${epoch}, 'control', ${control})`.execute(
      db,
    );
  return { rollout, looks };
}

/** How a rollout ends by its last look; otherwise it is rolled back. */
const OUTCOMES: Readonly<Record<string, string>> = { promote: "promoted", inconclusive: "inconclusive" };

function drawn(values: Values, n: number, draw: ReturnType<typeof sampler>): Pick<Cell, "n" | "mean" | "m2"> {
  if ("chance" in values) {
    const x = draw.binomial(n, values.chance);
    return { n, mean: x / n, m2: (x * (n - x)) / n };
  }
  const mean = values.mean + (values.sd * draw.normal()) / Math.sqrt(n);
  return { n, mean, m2: values.sd ** 2 * (n - 1) };
}

/** Both together (Chan). */
function merged(one: Cell | undefined, other: Cell): Cell {
  if (!one) return other;
  const n = one.n + other.n;
  const apart = other.mean - one.mean;
  return {
    ...other,
    n,
    mean: one.mean + (apart * other.n) / n,
    m2: one.m2 + other.m2 + (apart ** 2 * one.n * other.n) / n,
  };
}
