import type { WrittenPolicy } from "../../domain/policy/written-policy.ts";
import type { RolloutPolicy } from "../../domain/policy/policy.ts";
import type { RolloutRules } from "../../domain/shapes/rules.ts";
import type { SimulatedPolicy } from "../../domain/shapes/planning.ts";
import type { Plan } from "../../statistics/planning/plan-shape.ts";
import type { SuggestedChange } from "../../statistics/planning/suggest-changes.ts";

/** What both kinds of computing take. */
export interface AskedOfPlanner {
  /** As it stands in the form; anything may be wrong with it. */
  readonly policy: unknown;
  readonly rules: Pick<RolloutRules, "usage" | "baseRates" | "serves">;
  /** As somebody expects; undefined: as it was. */
  readonly unitsPerDay: number | undefined;
}

export type PlannerRequest =
  | ({ readonly kind: "plan" } & AskedOfPlanner)
  | ({ readonly kind: "try" } & AskedOfPlanner & {
        /** `rating=-0.2`: what the new version changes. */
        readonly effect: readonly string[];
        readonly runs: number;
        readonly seed: number;
      });

/** A plan as far as it is computed: what each metric needs alone comes at once, the rest follows. */
export interface PlannedRules {
  readonly policy: RolloutPolicy;
  readonly written: WrittenPolicy;
  readonly yaml: string;
  /** Null: nothing is served yet, or there is no canary. */
  readonly plan: Plan | null;
  readonly unitsPerDay: number | null;
  readonly cannotConclude: boolean;
  readonly unknown: readonly string[];
  readonly suggestions: readonly SuggestedChange[];
  readonly isWhole: boolean;
}

/** One imagined rollout. */
export interface ImaginedEnding {
  readonly ending: "released" | "rolledBack" | "undecided";
  readonly units: number;
}

export interface TriedRules {
  /** Newest endings since the last message. */
  readonly endings: readonly ImaginedEnding[];
  /** As `sluice simulate --json`, of what has ended so far. */
  readonly result: SimulatedPolicy;
  readonly isWhole: boolean;
}

export type PlannerAnswer =
  | { readonly id: number; readonly planned: PlannedRules }
  | { readonly id: number; readonly tried: TriedRules }
  /** What is wrong with what was asked, in the words of the policy's reader. */
  | { readonly id: number; readonly problem: string };

export interface PlannerMessage {
  readonly id: number;
  readonly request: PlannerRequest;
}
