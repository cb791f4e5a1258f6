import { canaryOf, type RolloutPolicy } from "../../src/domain/policy/policy.ts";
import type { Assessment, Verdict } from "../../src/domain/rollout/verdict.ts";
import type { Random } from "../../src/statistics/planning/seeded-random.ts";
import type { Database } from "../../src/storage/database.ts";
import { report, storeRollout, type Reported, type StoredRollout } from "./stored-rollout.ts";

const ARMS = ["candidate", "control"] as const;
export type EnrolledArm = (typeof ARMS)[number];

/** Every metrics object that a unit of an arm reports in a stage (0-based): one an outcome. */
export type Says = (arm: EnrolledArm, stage: number, random: Random) => readonly Reported[];

/** Reports so many new units an arm, exposed and heard in one batch. Names continue from `from`. */
export async function reportUnits(
  db: Database,
  rollout: StoredRollout,
  units: { readonly from: number; readonly count: number; readonly stage: number },
  says: (arm: EnrolledArm) => readonly Reported[],
): Promise<void> {
  const exposures: Reported[] = [];
  const outcomes: Reported[] = [];
  for (let i = 0; i < units.count; i++)
    for (const arm of ARMS) {
      const name = `${arm} ${units.from + i}`;
      exposures.push(rollout.exposure(name, arm, units.stage + 1));
      outcomes.push(...says(arm).map((metrics) => rollout.outcome(name, metrics, arm)));
    }
  await report(db, { exposures, outcomes });
}

export interface SimulatedEnd {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Candidate units exposed. */
  readonly units: number;
}

/**
 * A rollout from its first stage to its verdict, through the real store: units are reported with
 * record_batch, folded when their window closes, and each tick is decided from the cells as a worker's is.
 * `perTick` says how many units an arm come between two ticks of a stage; `ticks`, how many a stage has.
 */
export async function simulateStored(
  db: Database,
  policy: RolloutPolicy,
  run: {
    readonly random: Random;
    readonly says: Says;
    readonly perTick: readonly number[];
    readonly ticks: readonly number[];
  },
): Promise<SimulatedEnd & { readonly rollout: StoredRollout }> {
  const rollout = await storeRollout(db, policy);
  let [stage, tick, units, elapsedMs] = [0, 0, 0, 0];
  let kept: Pick<Assessment, "fuses" | "baseRates"> = {};
  for (;;) {
    const count = run.perTick[stage]!;
    const [of, at] = [{ from: units, count, stage }, stage];
    await reportUnits(db, rollout, of, (arm) => run.says(arm, at, run.random));
    units += count;
    tick++;
    elapsedMs += canaryOf(policy).interval_ms;
    // The stage's time is over after its ticks.
    const dwellMs = tick >= run.ticks[stage]! ? canaryOf(policy).max_duration_ms : 0;
    const look = await rollout.look({ stage, dwellMs, elapsedMs, ...kept });
    kept = { fuses: look.fuses ?? {}, baseRates: look.baseRates ?? {} };
    const { verdict, reason } = look;
    if (verdict === "advance") {
      await rollout.openStage(++stage);
      tick = 0;
    } else if (verdict !== "continue") return { verdict, reason, units, rollout };
  }
}
