import type { EnrolledArm } from "../../src/domain/rollout/assignment.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import type { Cell } from "../../src/domain/rollout/verdict.ts";
import { NO_RATIO, ratioDelta } from "../../src/statistics/inference/ratio-delta.ts";
import type { Random } from "../../src/statistics/planning/seeded-random.ts";
import { twoProportion } from "../../src/statistics/inference/two-proportion.ts";
import { welch } from "../../src/statistics/inference/welch.ts";
import type { Database } from "../../src/storage/database.ts";
import { readRolloutEvidence } from "../../src/storage/read/rollout-evidence.ts";
import { reportUnits, simulateStored } from "./simulated-rollout.ts";
import { storeRollout } from "./stored-rollout.ts";

/** Error rates through the real store, beside those of what one would do without thinking. Nothing differs between the arms. */

const DRIFT = readPolicyFile(
  `
metrics: { success: { kind: proportion, window: 1h } }
canary:
  stages: [{ share: 5%, for: 1h }, { share: 25%, for: 1h }, { share: 50% }]
  interval: 30s
  min_units: 100
  max_units: 3000
  goal: { metric: success, direction: higher, claim: superior }
`,
  "drift.yaml",
);
const SHARES = [0.05, 0.25, 0.5];
const RATES = [0.82, 0.8, 0.78];

export interface DriftResult {
  readonly runs: number;
  /** Found worse, found better, though nothing differs. */
  readonly rolledBack: number;
  readonly promoted: number;
  /** Runs in which candidate against everybody else, all stages together, has two-sided p < .05. */
  readonly deceived: number;
}

/** Shares of 5, 25 and 50 % while the base rate drifts .82, .80, .78 (Simpson's paradox), decided tick by tick. */
export async function driftingBaseline(
  db: Database,
  random: Random,
  runs: number,
  goOn = () => true,
): Promise<DriftResult> {
  const found = { runs: 0, rolledBack: 0, promoted: 0, deceived: 0 };
  while (found.runs < runs && goOn()) {
    const { verdict, rollout } = await simulateStored(db, DRIFT, {
      random,
      says: (_, stage) => [{ success: random() < RATES[stage]! ? 1 : 0 }],
      perTick: [100, 200, 300],
      ticks: [4, 4, 6],
    });
    found.runs++;
    if (verdict === "promote") found.promoted++;
    if (verdict === "harm" || verdict === "fuse" || verdict === "invalid") found.rolledBack++;
    const { cells } = await readRolloutEvidence(db, rollout.id, "canary");
    if (pooledDiffers(cells, random)) found.deceived++;
  }
  return found;
}

/** Everybody who did not get the candidate as its control: 95 %, 75 % and 50 % of all users. */
function pooledDiffers(cells: readonly Cell[], random: Random): boolean {
  const candidate = { n: 0, x: 0 };
  const control = { n: 0, x: 0 };
  for (const [stage, share] of SHARES.entries()) {
    const mine = cells.find(({ epoch, arm }) => epoch === stage + 1 && arm === "candidate");
    if (!mine) continue;
    candidate.n += mine.n;
    candidate.x += Math.round(mine.n * mine.mean);
    const others = Math.round((mine.n * (1 - share)) / share);
    control.n += others;
    for (let i = 0; i < others; i++) control.x += random() < RATES[stage]! ? 1 : 0;
  }
  const pooled = twoProportion({ candidate, control });
  return pooled.ok && pooled.pPooled < 0.05;
}

const CLUSTERS = readPolicyFile(
  `
metrics:
  solved: { kind: mean, window: 1h }
  solved_rate: { kind: ratio, window: 1h }
canary:
  stages: [{ share: 50% }]
  goal: { metric: solved, direction: higher, margin: 0.1 }
  guardrails: [{ metric: solved_rate, direction: higher, margin: 0.1 }]
`,
  "clusters.yaml",
);

export interface ClusterResult {
  readonly runs: number;
  /** Runs with two-sided p < .05: of units by their own mean, of a ratio metric, of requests as if independent. */
  readonly byUnit: number;
  readonly byRatio: number;
  readonly byRequest: number;
}

/** Five requests a user on average, intra-class correlation .2, 80 % solved: one look at so many users an arm. */
export async function clusteredRequests(
  db: Database,
  random: Random,
  runs: number,
  users = 80,
  goOn = () => true,
): Promise<ClusterResult> {
  const found = { runs: 0, byUnit: 0, byRatio: 0, byRequest: 0 };
  while (found.runs < runs && goOn()) {
    const rollout = await storeRollout(db, CLUSTERS);
    const requests = { candidate: { n: 0, x: 0 }, control: { n: 0, x: 0 } };
    await reportUnits(db, rollout, { from: 0, count: users, stage: 0 }, (arm) => {
      const answers = requestsOfAUser(random);
      requests[arm].n += answers.length;
      for (const one of answers) requests[arm].x += one;
      return answers.map((solved) => ({ solved, solved_rate: solved }));
    });
    await rollout.look();
    const { cells } = await readRolloutEvidence(db, rollout.id, "canary");
    const both = <T>(metric: string, read: (cell: Cell) => T) => {
      const of = (arm: EnrolledArm) => read(cells.find((one) => one.metric === metric && one.arm === arm)!);
      return { candidate: of("candidate"), control: of("control") };
    };
    const byUnit = welch(both("solved", ({ n, mean, m2 }) => ({ n, mean, m2 })));
    const byRatio = ratioDelta(both("solved_rate", ({ n, ratio }) => ({ ...NO_RATIO, ...ratio, n })));
    const byRequest = twoProportion(requests);
    found.runs++;
    if (byUnit.ok && byUnit.pTwoSided < 0.05) found.byUnit++;
    if (byRatio.ok && byRatio.p < 0.05) found.byRatio++;
    if (byRequest.ok && byRequest.pPooled < 0.05) found.byRequest++;
  }
  return found;
}

/** Each request repeats its user's own answer with probability sqrt(icc), else it is fresh. */
function requestsOfAUser(random: Random): number[] {
  const solved = () => (random() < 0.8 ? 1 : 0);
  let count = 1;
  for (let i = 0; i < 8; i++) count += random() < 0.5 ? 1 : 0;
  const own = solved();
  return Array.from({ length: count }, () => (random() < Math.sqrt(0.2) ? own : solved()));
}
