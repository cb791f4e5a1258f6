import { invalidInput } from "../domain/errors.ts";
import { canaryOf, type RolloutPolicy } from "../domain/policy/policy.ts";
import type { BaselineHistory, ImaginedMetric, SimulatedPolicy } from "../domain/shapes/planning.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import { lookInterval } from "../statistics/planning/enrolment.ts";
import { seededRandom } from "../statistics/planning/seeded-random.ts";
import { simulate, type Simulation, type SimulationResult } from "../statistics/planning/simulate.ts";
import type { ImaginedSegment } from "../statistics/planning/simulation.ts";
import type { Database } from "../storage/database.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { assumeTraffic } from "./assume-traffic.ts";
import { readBaselineHistory } from "./read-baseline-history.ts";
import { choosePolicy } from "./choose-policy.ts";
import { imagineScenario } from "./imagine-scenario.ts";
import { imagineSegments } from "./imagine-segments.ts";

const DAY_MS = 86_400_000;

export interface SimulatePolicy {
  /** The policy itself; the one that was pushed with the prompt when absent. */
  readonly policy?: RolloutPolicy | undefined;
  /** Whose usage says what the baseline is like; nobody's when absent. */
  readonly scope?: ScopeColumns | undefined;
  /** `rating=-0.2`: what the candidate changes. */
  readonly effect: readonly string[];
  /** `rating=4:1`: what the baseline is like. */
  readonly baseline: readonly string[];
  /** `language=de:2%:success=-0.8`: users of one value of a segment. */
  readonly segment: readonly string[];
  /** New units a day; what was recorded in the last week, else as many as the policy needs, when absent. */
  readonly unitsPerDay?: number | undefined;
  readonly runs: number;
  /** All chance is drawn from it. */
  readonly seed: number;
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

/** How often a policy would promote or roll back, in an imagined scenario. Takes seconds of computing. */
export async function simulatePolicy(db: Database, request: SimulatePolicy): Promise<SimulatedPolicy> {
  const { runs, seed } = request;
  const prepared = prepareSimulation(await simulatedPolicy(db, request), request);
  return describeSimulation(
    prepared,
    simulate(prepared.simulation, { runs, random: seededRandom(seed) }),
    seed,
  );
}

/** A policy in the world that is asked for; what is not said of it is as it was, where that is known. */
export function prepareSimulation(
  { policy, history }: KnownPolicy,
  {
    effect,
    baseline,
    segment,
    unitsPerDay: given,
  }: Pick<SimulatePolicy, "effect" | "baseline" | "segment" | "unitsPerDay">,
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

/** A policy, and what the baseline that is served was like. */
export interface KnownPolicy {
  readonly policy: RolloutPolicy;
  readonly history?: BaselineHistory;
}

/** The policy that is to be simulated, with what is known of the baseline that the scope serves. */
export async function simulatedPolicy(
  db: Database,
  { policy: given, scope }: Pick<SimulatePolicy, "policy" | "scope">,
): Promise<KnownPolicy> {
  if (!scope) {
    if (given) return { policy: given };
    throw invalidInput("name what to simulate: a policy, or a prompt that has one");
  }
  const policy = given ?? (await choosePolicy(db, scope.prompt, {})).policy;
  return { policy, history: await readBaselineHistory(db, scope, await servedVersion(db, scope), policy) };
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
