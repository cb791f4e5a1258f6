/** Repeated requests of the same users: what counting each request as a unit of its own does to errors. */
import type { CanaryPolicy, MetricSpec } from "../src/domain/policy/policy.ts";
import type { Cell } from "../src/domain/rollout/verdict.ts";
import { ratioDelta, twoProportion, type RatioSums } from "../src/statistics/index.ts";
import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import { simulateRun } from "../src/statistics/planning/simulate.ts";

/** One look at 1,000 users an arm: the cells of a single stage are all that is wanted of the policy. */
const CANARY: CanaryPolicy = {
  stages: [{ share: 5000, dwell_ms: 0 }],
  interval_ms: 1,
  min_units: 1000,
  max_units: 1000,
  max_duration_ms: 1,
  goal: { metric: "resolved", direction: "higher", claim: "superior" },
  guardrails: [],
  fuses: [],
  promote_by: "fixed_horizon",
  on_inconclusive: "rollback",
  lease_ms: 1,
};
const METRICS: Readonly<Record<string, MetricSpec>> = { resolved: { kind: "ratio", window_ms: 0 } };

export interface ClusterResult {
  readonly runs: number;
  /** Parts of the runs where two-sided p < .05, though nothing differs. */
  readonly byUser: number;
  readonly byRequest: number;
}

/** ICC .2, 5 requests a user on average, 80 % of them resolved in both arms. */
export function runClusters(options: {
  readonly runs: number;
  readonly until: number;
  readonly seed: number;
}): ClusterResult {
  const random = seededRandom(options.seed);
  const truth = { resolved: { baseline: { rate: 0.8 }, requests: { perUnit: 5, icc: 0.2 } } };
  let [runs, byUser, byRequest] = [0, 0, 0];
  while (runs < options.runs && (runs < 100 || performance.now() < options.until)) {
    let cells: readonly Cell[] = [];
    simulateRun(
      { canary: CANARY, metrics: METRICS, scenario: truth, unitsPerLook: 2000 },
      random,
      (input) => {
        cells = input.cells;
        return { verdict: "inconclusive" };
      },
    );
    const candidate = sums(cells, "candidate");
    const control = sums(cells, "control");
    const users = ratioDelta({ candidate, control });
    const requests = twoProportion({
      candidate: { x: candidate.s, n: candidate.c },
      control: { x: control.s, n: control.c },
    });
    if (users.ok && users.p < 0.05) byUser += 1;
    if (requests.ok && requests.pUnpooled < 0.05) byRequest += 1;
    runs += 1;
  }
  return { runs, byUser: byUser / runs, byRequest: byRequest / runs };
}

function sums(cells: readonly Cell[], arm: Cell["arm"]): RatioSums {
  const cell = cells.find((each) => each.arm === arm)!;
  return { n: cell.n, ...cell.ratio! };
}
