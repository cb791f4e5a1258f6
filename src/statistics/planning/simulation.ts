import type { CanaryPolicy, MetricSpec } from "../../domain/policy/policy.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import type { Ledger } from "../../domain/rollout/ledger.ts";
import type { MetricScenario } from "./imagined-units.ts";

/** Units of one value of a segment, and what the candidate changes for them instead of for all. */
export interface ImaginedSegment {
  readonly segment: string;
  readonly value: string;
  /** Part of the units, 0 to 1. Those that no value is imagined of are `other`. */
  readonly share: number;
  readonly changes?: Readonly<Record<string, Margin>>;
}

export interface Simulation {
  readonly canary: CanaryPolicy;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** A metric without a scenario never arrives; without one of `unanswered`, every unit has an outcome. */
  readonly scenario: Readonly<Record<string, MetricScenario>>;
  /** Units, of all users, that show up in each look's time. */
  readonly unitsPerLook: number;
  /** Values of one segment that the policy names; without any, nobody is told apart. */
  readonly segments?: readonly ImaginedSegment[];
  /** `chance`: each unit's arm is drawn; both arms get as many by default. */
  readonly split?: "even" | "chance";
  /** As of a rollout that began so; the first attempt with nothing spent by default. */
  readonly attempt?: number;
  readonly ledger?: Ledger;
  /** Time between looks, in ms; the policy's interval by default. */
  readonly lookEveryMs?: number;
}
