import { invalidInput } from "../domain/errors.ts";
import { canaryOf, type RolloutPolicy } from "../domain/policy/policy.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import { lookInterval } from "../statistics/planning/enrolment.ts";
import type { MetricScenario } from "../statistics/planning/imagined-units.ts";
import { seededRandom } from "../statistics/planning/seeded-random.ts";
import { simulate, type SimulationResult } from "../statistics/planning/simulate.ts";
import type { ImaginedSegment } from "../statistics/planning/simulation.ts";
import type { Database } from "../storage/database.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { assumeTraffic } from "./assume-traffic.ts";
import { type BaselineHistory, readBaselineHistory } from "./read-baseline-history.ts";
import { choosePolicy } from "./choose-policy.ts";
import { type ImaginedMetric, imagineScenario } from "./imagine-scenario.ts";
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

/** As `sluice simulate --json`. */
export interface SimulatedPolicy extends SimulationResult {
  readonly standardErrors: Readonly<Record<"promoted" | "rolledBack" | "inconclusive", number>>;
  readonly seed: number;
  readonly unitsPerDay: number;
  readonly trafficFrom: "given" | "usage" | "assumed";
  readonly lookEveryMs: number;
  readonly metrics: readonly (Omit<ImaginedMetric, "scenario"> & { readonly truth: MetricScenario })[];
  readonly segments: readonly ImaginedSegment[];
}

/** How often a policy would promote or roll back, in an imagined scenario. Takes seconds of computing. */
export async function simulatePolicy(db: Database, request: SimulatePolicy): Promise<SimulatedPolicy> {
  const { runs, seed } = request;
  const { policy, history } = await known(db, request);
  const canary = canaryOf(policy);
  const imagined = imagineScenario(policy, {
    changes: request.effect,
    baselines: request.baseline,
    ...(history && { history: history.metrics }),
  });
  const segments = imagineSegments(policy, request.segment);
  const unitsPerDay = request.unitsPerDay ?? history?.outcomesPerDay ?? assumeTraffic(canary);
  const lookEveryMs = lookInterval(canary, unitsPerDay);
  const result = simulate(
    {
      canary,
      metrics: policy.metrics,
      scenario: Object.fromEntries(imagined.map(({ metric, scenario }) => [metric, scenario])),
      unitsPerLook: (unitsPerDay * lookEveryMs) / DAY_MS,
      lookEveryMs,
      ...(segments.length > 0 && { segments }),
    },
    { runs, random: seededRandom(seed) },
  );
  const usual = history?.outcomesPerDay ? "usage" : "assumed";
  return {
    ...result,
    standardErrors: standardErrors(result),
    seed,
    unitsPerDay,
    trafficFrom: request.unitsPerDay === undefined ? usual : "given",
    lookEveryMs,
    metrics: imagined.map(({ scenario: truth, ...metric }) => ({ ...metric, truth })),
    segments,
  };
}

async function known(
  db: Database,
  { policy: given, scope }: SimulatePolicy,
): Promise<{ policy: RolloutPolicy; history?: BaselineHistory }> {
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
