import { invalidInput } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { SimulatedPolicy } from "../domain/shapes/planning.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import {
  type AskedWorld,
  describeSimulation,
  type KnownPolicy,
  prepareSimulation,
} from "../statistics/planning/prepared-simulation.ts";
import { seededRandom } from "../statistics/planning/seeded-random.ts";
import { simulate } from "../statistics/planning/simulate.ts";
import type { Database } from "../storage/database.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { choosePolicy } from "./choose-policy.ts";
import { readBaselineHistory } from "./read-baseline-history.ts";

export interface SimulatePolicy extends AskedWorld {
  /** The policy itself; the one that was pushed with the prompt when absent. */
  readonly policy?: RolloutPolicy | undefined;
  /** Whose usage says what the baseline is like; nobody's when absent. */
  readonly scope?: ScopeColumns | undefined;
  readonly runs: number;
  /** All chance is drawn from it. */
  readonly seed: number;
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
