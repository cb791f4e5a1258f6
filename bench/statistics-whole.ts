/** The policy with all that is watched beside it, nothing being different: what a harmless version has to get past. */
import { UNANSWERED } from "../src/domain/rollout/measurements.ts";
import type { CanaryPolicy, MetricSpec } from "../src/domain/policy/policy.ts";
import { passRateBounds } from "../src/statistics/index.ts";
import { sampler, seededRandom, type Random } from "../src/statistics/planning/seeded-random.ts";
import type { MetricScenario } from "../src/statistics/planning/imagined-units.ts";
import { simulateRun, type SimulatedRun, type Simulation } from "../src/statistics/planning/simulate.ts";
import type { BenchOptions, Row } from "./row.ts";
import { relative, spec } from "./statistics-base.ts";
import { CANARY, METRICS, truthOf } from "./statistics-policy.ts";

export const WHOLE_RUNS = 1_500;
/** Units of the last 30 days that the base rate of errors is known from. */
const KNOWN_UNITS = 30_000;
/** At most so many rolled back, by the upper 95 % bound. */
const MOST_ROLLED_BACK = 0.055;
const LEAST_PROMOTED = 0.75;

/** A long tail of which so much is over the cap that a start freezes from the usage record. */
const tailed = (mean: number, sd: number, z: number) => {
  const logSd = Math.sqrt(Math.log1p((sd / mean) ** 2));
  return Math.exp(Math.log(mean) - (logSd * logSd) / 2 + z * logSd);
};
const LATENCY_CAP = tailed(1000, 800, 3.09);
const COST_CAP = tailed(0.01, 0.01, 2.326);

const same: Readonly<Record<string, MetricScenario>> = {
  ...truthOf("no difference"),
  [UNANSWERED]: { baseline: { rate: 0.02 } },
};

/** Caps and the base rate of errors frozen from history, silence watched. */
function fromHistory(random: Random): Simulation {
  return { canary: CANARY, metrics: frozen(random), scenario: same, unitsPerLook: 200, split: "chance" };
}

function frozen(random: Random): Readonly<Record<string, MetricSpec>> {
  const events = sampler(random).binomial(KNOWN_UNITS, 0.01);
  return {
    ...METRICS,
    latency_ms: { ...METRICS["latency_ms"]!, cap: LATENCY_CAP, scale: "log" },
    error: { ...METRICS["error"]!, base_rate: { rate: events / KNOWN_UNITS, units: KNOWN_UNITS, events } },
    [UNANSWERED]: spec("rare"),
  };
}

/** That and more: a fuse, segments, a rating that few give, a goal that one in ten units lacks, what is paid. */
function everything(random: Random): Simulation {
  const canary: CanaryPolicy = {
    ...CANARY,
    guardrails: [
      ...CANARY.guardrails,
      { metric: "cost_usd", direction: "lower", margin: relative(0.1) },
      { metric: "rating", direction: "higher", margin: relative(0.1) },
    ],
    fuses: [{ metric: "error", above: 0.2 }],
    segments: ["language"],
  };
  return {
    ...fromHistory(random),
    canary,
    metrics: {
      ...frozen(random),
      cost_usd: spec("mean", { cap: COST_CAP }),
      rating: spec("mean", { coverage: "reported" }),
    },
    scenario: {
      ...same,
      success: { ...same["success"]!, coverage: 0.9 },
      cost_usd: { baseline: { mean: 0.01, sd: 0.01 }, skewed: true },
      rating: { baseline: { mean: 4, sd: 1 }, coverage: 0.05 },
    },
    segments: [
      { segment: "language", value: "de", share: 0.05 },
      { segment: "language", value: "fr", share: 0.2 },
    ],
  };
}

export function wholeRows({ seed, progress }: BenchOptions, until: number): readonly Row[] {
  const half = performance.now() + (until - performance.now()) * 0.3;
  progress("policy, caps and base rate from history…");
  const known = runs(fromHistory, seed + 50, half);
  progress("policy, everything watched…");
  const all = runs(everything, seed + 51, until);
  return [
    share("policy, no difference, caps and base rate from history: promoted", known, ["promote"], {
      least: LEAST_PROMOTED,
    }),
    share("policy, no difference, caps and base rate from history: rolled back", known, STOPS, {
      most: MOST_ROLLED_BACK,
    }),
    share("policy, no difference, everything watched: rolled back", all, STOPS, { most: MOST_ROLLED_BACK }),
    share("policy, no difference, everything watched: of these, invalid", all, ["invalid"], {}),
    share("policy, no difference, everything watched: promoted", all, ["promote"], {}),
  ];
}

const STOPS = ["harm", "fuse", "invalid"];

function runs(world: (random: Random) => Simulation, seed: number, until: number): readonly SimulatedRun[] {
  const random = seededRandom(seed);
  const ended: SimulatedRun[] = [];
  while (ended.length < WHOLE_RUNS && (ended.length < 20 || performance.now() < until))
    ended.push(simulateRun(world(random), random));
  return ended;
}

function share(
  work: string,
  ended: readonly SimulatedRun[],
  verdicts: readonly string[],
  goal: { readonly least?: number; readonly most?: number },
): Row {
  const ours = ended.filter(({ verdict }) => verdicts.includes(verdict)).length / ended.length;
  const se = Math.sqrt((ours * (1 - ours)) / ended.length);
  const { least, most } = goal;
  return {
    work,
    ours,
    unit: "of runs",
    peer: null,
    peerName: null,
    limit: null,
    ratio: null,
    goal: least ?? most ?? null,
    met:
      least !== undefined
        ? ours >= least - 2 * se
        : most !== undefined
          ? passRateBounds(ours, ended.length).upper <= most
          : null,
    se,
    runs: ended.length,
  };
}
