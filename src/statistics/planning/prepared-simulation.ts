import { canaryOf, type RolloutPolicy } from "../../domain/policy/policy.ts";
import type { BaselineHistory, ImaginedMetric, SimulatedPolicy } from "../../domain/shapes/planning.ts";
import { assumeTraffic } from "./assume-traffic.ts";
import { lookInterval } from "./enrolment.ts";
import { imagineScenario } from "./imagine-scenario.ts";
import { imagineSegments } from "./imagine-segments.ts";
import type { Simulation, SimulationResult } from "./simulate.ts";
import type { ImaginedSegment } from "./simulation.ts";

const DAY_MS = 86_400_000;

/** The world that is asked for. */
export interface AskedWorld {
  /** `rating=-0.2`: what the candidate changes. */
  readonly effect: readonly string[];
  /** `rating=4:1`: what the baseline is like. */
  readonly baseline: readonly string[];
  /** `language=de:2%:success=-0.8`: users of one value of a segment. */
  readonly segment: readonly string[];
  /** New units a day; what was recorded in the last week, else as many as the policy needs, when absent. */
  readonly unitsPerDay?: number | undefined;
}

/** A policy, and what the baseline that is served was like. */
export interface KnownPolicy {
  readonly policy: RolloutPolicy;
  readonly history?: BaselineHistory;
}

/** What is simulated, and what of it is told: the world that was imagined. */
export interface PreparedSimulation {
  readonly simulation: Simulation;
  readonly imagined: readonly ImaginedMetric[];
  readonly segments: readonly ImaginedSegment[];
  readonly unitsPerDay: number;
  readonly trafficFrom: SimulatedPolicy["trafficFrom"];
  readonly lookEveryMs: number;
}

/** A policy in the world that is asked for; what is not said of it is as it was, where that is known. */
export function prepareSimulation(
  { policy, history }: KnownPolicy,
  { effect, baseline, segment, unitsPerDay: given }: AskedWorld,
): PreparedSimulation {
  const canary = canaryOf(policy);
  const imagined = imagineScenario(policy, {
    changes: effect,
    baselines: baseline,
    ...(history && { history: history.metrics }),
  });
  const segments = imagineSegments(policy, segment);
  const unitsPerDay = given ?? history?.outcomesPerDay ?? assumeTraffic(canary);
  const lookEveryMs = lookInterval(canary, unitsPerDay);
  const usual = history?.outcomesPerDay ? "usage" : "assumed";
  return {
    simulation: {
      canary,
      metrics: policy.metrics,
      scenario: Object.fromEntries(imagined.map(({ metric, scenario }) => [metric, scenario])),
      unitsPerLook: (unitsPerDay * lookEveryMs) / DAY_MS,
      lookEveryMs,
      ...(segments.length > 0 && { segments }),
    },
    imagined,
    segments,
    unitsPerDay,
    trafficFrom: given === undefined ? usual : "given",
    lookEveryMs,
  };
}

export function describeSimulation(
  { imagined, segments, unitsPerDay, trafficFrom, lookEveryMs }: PreparedSimulation,
  result: SimulationResult,
  seed: number,
): SimulatedPolicy {
  return {
    ...result,
    standardErrors: standardErrors(result),
    seed,
    unitsPerDay,
    trafficFrom,
    lookEveryMs,
    // The document keeps the name that it has had for a scenario.
    metrics: imagined.map(({ scenario: truth, ...metric }) => ({ ...metric, truth })),
    segments,
  };
}

/** Of the shares; one success more and one less, so that none is 0. */
function standardErrors({
  runs,
  promoted,
  rolledBack,
  inconclusive,
}: SimulationResult): SimulatedPolicy["standardErrors"] {
  const error = (part: number) => {
    const p = (part * runs + 1) / (runs + 2);
    return Math.sqrt((p * (1 - p)) / runs);
  };
  return {
    promoted: error(promoted),
    rolledBack: error(rolledBack),
    inconclusive: error(inconclusive),
  };
}
