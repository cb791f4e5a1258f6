/** Error rates, power and speed of the decisions, beside the rules that are often used instead. */
import { crossingProbability, normalQuantile, passRateBounds } from "../src/statistics/index.ts";
import { assess } from "../src/statistics/decision/assessment.ts";
import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import { simulateRun, summarise } from "../src/statistics/planning/simulate.ts";
import type { BenchOptions, Row } from "./row.ts";
import { runClusters } from "./statistics-clusters.ts";
import { RULES, runLooks, type LooksResult, type Rule } from "./statistics-looks.ts";
import { planRows } from "./statistics-plan.ts";
import { wholeRows } from "./statistics-whole.ts";
import { ruleRows } from "./statistics-rules.ts";
import {
  CANARY,
  DECIDERS,
  METRICS,
  runPolicy,
  TRUTHS,
  truthOf,
  type Decider,
  type Truth,
} from "./statistics-policy.ts";

export const FULL_LOOKS = 40_000;
export const FULL_POLICY = 1_500;
const FULL_CLUSTERS = 5_000;
/** Of the time, for what each rule does to the attack that it was made for. */
const RULES_PART = 0.35;
/** Of what is left then, for the policy with everything watched. */
const WHOLE_PART = 0.4;

/** At most this much, by the upper 95 % bound. */
const MOST_ROLLED_BACK = 0.055;
const MOST_PROMOTED_AT_MARGIN = 0.03;

/** Figures to reach, measured once with as many runs: two such measurements differ by chance, too. */
const REFERENCE = {
  groupSequential: { units: 6278 },
  policy: { promoted: 0.791, meanUnits: 6950, runs: 1500 },
  medianUnits: { "-10 pp": 400, "-20 pp": 140, "errors 1 -> 10 %": 160 } as Partial<Record<Truth, number>>,
};

const rateSe = (rate: number, runs: number) => Math.sqrt((rate * (1 - rate)) / runs);

export function run(options: BenchOptions): readonly Row[] {
  const until = performance.now() + options.minutes * 60_000;
  return [
    ...ruleRows(options, performance.now() + options.minutes * 60_000 * RULES_PART),
    ...planRows(options),
    ...looksRows(options, until),
    ...wholeRows(options, performance.now() + (until - performance.now()) * WHOLE_PART),
    ...policyRows(options, until),
    clusterRow(options, until),
    speedRow(options.seed),
  ];
}

function looksRows({ seed, progress }: BenchOptions, until: number): readonly Row[] {
  const share = (part: number) => performance.now() + (until - performance.now()) * part;
  progress("100 looks, no difference…");
  const none = runLooks({
    baseRate: 0.8,
    change: 0,
    runs: FULL_LOOKS,
    until: share(0.2),
    random: seededRandom(seed),
  });
  progress("100 looks, +2 pp…");
  const better = runLooks({
    baseRate: 0.8,
    change: 0.02,
    runs: FULL_LOOKS,
    until: share(0.2),
    random: seededRandom(seed + 1),
  });
  return [
    ...RULES.map((rule) => falsePositives(rule, none)),
    ...RULES.map((rule) => power(rule, better)),
    ...RULES.map((rule) => unitsUsed(rule, better)),
  ];
}

const PEEKING: Rule = "welch every look";
const OURS: Rule = "group sequential";

function falsePositives(rule: Rule, result: LooksResult): Row {
  const ours = result.rejected[rule];
  const upper = passRateBounds(ours, result.runs).upper;
  return row(
    `100 looks, no difference: called one, ${rule}`,
    ours,
    "of runs",
    rateSe(ours, result.runs),
    result.runs,
    {
      peer: rule === OURS ? result.rejected[PEEKING] : null,
      goal: rule === OURS ? MOST_ROLLED_BACK : null,
      met: rule === OURS ? upper <= MOST_ROLLED_BACK : null,
    },
  );
}

function power(rule: Rule, result: LooksResult): Row {
  const ours = result.rejected[rule];
  const se = rateSe(ours, result.runs);
  const goal = powerOfHundredLooks();
  return row(`100 looks, +2 pp: found, ${rule}`, ours, "of runs", se, result.runs, {
    peer: rule === OURS ? result.rejected[PEEKING] : null,
    goal: rule === OURS ? goal : null,
    met: rule === OURS ? ours >= goal - 3 * se : null,
  });
}

/**
 * What the boundary must find of +2 pp at 80 %, 10,000 an arm. A hundred looks see a little less than a
 * continuous watch: as much as one with its boundary 0.5826 steps further out (Siegmund 1985, IV).
 */
function powerOfHundredLooks(): number {
  const drift = 0.02 / Math.sqrt((0.82 * 0.18 + 0.8 * 0.2) / 10_000);
  return crossingProbability(drift, -normalQuantile(0.025 / 2) + 0.5826 * Math.sqrt(1 / 100));
}

function unitsUsed(rule: Rule, result: LooksResult): Row {
  const ours = result.meanUnits[rule];
  const se = result.unitsSe[rule];
  const { units: goal } = REFERENCE.groupSequential;
  return row(`100 looks, +2 pp: mean units an arm, ${rule}`, ours, "units", se, result.runs, {
    peer: rule === OURS ? result.meanUnits["welch once"] : null,
    peerName: rule === OURS ? "welch once" : null,
    goal: rule === OURS ? goal : null,
    met: rule === OURS ? ours <= goal + 2 * Math.SQRT2 * se : null,
  });
}

function policyRows({ seed, progress }: BenchOptions, until: number): readonly Row[] {
  const rows: Row[] = [];
  const jobs = TRUTHS.flatMap((truth) => DECIDERS.map((decider) => ({ truth, decider })));
  const results = new Map<string, ReturnType<typeof measure>>();
  for (const [index, { truth, decider }] of jobs.entries()) {
    progress(`policy, ${truth}, ${decider}…`);
    const left = (until - performance.now()) / (jobs.length - index);
    results.set(truth + decider, measure(truth, decider, seed + index, performance.now() + left));
  }
  for (const { truth, decider } of jobs)
    rows.push(...policyRow(truth, decider, results.get(truth + decider)!, results.get(truth + PEEKING)!));
  return rows;
}

function measure(truth: Truth, decider: Decider, seed: number, until: number) {
  const runs = runPolicy({ truth, decider, runs: FULL_POLICY, until, seed });
  const mean = runs.reduce((sum, { units }) => sum + units, 0) / runs.length;
  const spread = runs.reduce((sum, { units }) => sum + (units - mean) ** 2, 0) / runs.length;
  return { ...summarise(runs), meanUnitsSe: Math.sqrt(spread / runs.length) };
}

function policyRow(
  truth: Truth,
  decider: Decider,
  result: ReturnType<typeof measure>,
  peer: ReturnType<typeof measure>,
): Row[] {
  const { runs } = result;
  const ours = decider === "this design";
  const harmless = truth.startsWith("no difference");
  const name = (what: string) => `policy, ${truth}: ${what}, ${decider}`;
  const { promoted, rolledBack, inconclusive } = result;
  const promotedGoal =
    truth === "no difference"
      ? REFERENCE.policy.promoted
      : truth === "-2 pp (at the margin)"
        ? MOST_PROMOTED_AT_MARGIN
        : null;
  const promotedSe = rateSe(promoted, runs);
  const promotedMet = harmless
    ? promoted >=
      REFERENCE.policy.promoted -
        2 * Math.hypot(promotedSe, rateSe(REFERENCE.policy.promoted, REFERENCE.policy.runs))
    : passRateBounds(promoted, runs).upper <= MOST_PROMOTED_AT_MARGIN;
  const median = REFERENCE.medianUnits[truth];
  const rows = [
    row(name("promoted"), promoted, "of runs", promotedSe, runs, {
      peer: ours ? peer.promoted : null,
      goal: ours ? promotedGoal : null,
      met: ours && promotedGoal !== null ? promotedMet : null,
    }),
    row(name("rolled back"), rolledBack, "of runs", rateSe(rolledBack, runs), runs, {
      peer: ours ? peer.rolledBack : null,
      goal: ours && harmless ? MOST_ROLLED_BACK : null,
      met: ours && harmless ? passRateBounds(rolledBack, runs).upper <= MOST_ROLLED_BACK : null,
    }),
    row(name("inconclusive"), inconclusive, "of runs", rateSe(inconclusive, runs), runs, {}),
  ];
  if (truth === "no difference")
    rows.push(
      row(name("mean candidate units"), result.meanUnits, "units", result.meanUnitsSe, runs, {
        goal: ours ? REFERENCE.policy.meanUnits : null,
        met: ours
          ? result.meanUnits <= REFERENCE.policy.meanUnits + 2 * Math.SQRT2 * result.meanUnitsSe
          : null,
      }),
    );
  if (result.medianUnitsRolledBack !== null)
    rows.push(
      row(
        name("candidate units to rollback, median"),
        result.medianUnitsRolledBack,
        "units",
        undefined,
        runs,
        {
          peer: ours ? peer.medianUnitsRolledBack : null,
          goal: ours ? (median ?? null) : null,
          met: ours && median !== undefined ? result.medianUnitsRolledBack <= median : null,
        },
      ),
    );
  return rows;
}

function clusterRow({ seed, progress }: BenchOptions, until: number): Row {
  progress("requests clustered by user…");
  const result = runClusters({ runs: FULL_CLUSTERS, until: Math.max(until, performance.now() + 2000), seed });
  const { byUser, byRequest, runs } = result;
  const se = rateSe(byUser, runs);
  return row("5 requests a user, ICC .2, no difference: called one, by user", byUser, "of runs", se, runs, {
    peer: byRequest,
    peerName: "z of requests",
    goal: 0.05,
    met: byUser <= 0.05 + 3 * se,
  });
}

function speedRow(seed: number): Row {
  let ticks = 0;
  const random = seededRandom(seed);
  let spent = 0;
  while (ticks < 10_000)
    simulateRun(
      { canary: CANARY, metrics: METRICS, scenario: truthOf("no difference"), unitsPerLook: 200 },
      random,
      (input) => {
        const start = performance.now();
        const decision = assess(input);
        spent += performance.now() - start;
        ticks += 1;
        return decision;
      },
    );
  const perSecond = (ticks / spent) * 1000;
  return row("decide one tick: 3 metrics, 3 epochs", perSecond, "ticks/s", undefined, ticks, {
    goal: 1000,
    met: perSecond >= 1000,
  });
}

function row(
  work: string,
  ours: number,
  unit: string,
  se: number | undefined,
  runs: number,
  more: { peer?: number | null; peerName?: string | null; goal?: number | null; met?: boolean | null },
): Row {
  const { peer = null, goal = null, met = null } = more;
  const peerName = more.peerName ?? (peer === null ? null : PEEKING);
  const ratio = peer === null || peer === 0 ? null : ours / peer;
  return {
    work,
    ours,
    unit,
    peer,
    peerName,
    limit: null,
    ratio,
    goal,
    met,
    ...(se === undefined ? {} : { se }),
    runs,
  };
}
