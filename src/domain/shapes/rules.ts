import type { KnownUsage } from "../../statistics/planning/baseline-history.ts";
import type { MetricSpec, RolloutPolicy } from "../policy/policy.ts";

/** What a rollout of a prompt would go by in a scope, and what is known there to plan it with. */
export interface RolloutRules {
  readonly prompt: string;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
  /** `support-reply@7`, which the scope serves; null: nothing yet. */
  readonly serves: string | null;
  /** The one that was pushed with the prompt, in its stored form; null: it has none. */
  readonly policy: RolloutPolicy | null;
  /** The test cases of that policy's gate. */
  readonly dataset: { readonly name: string; readonly cases: number } | null;
  /** Of the last 7 days. */
  readonly usage: KnownUsage;
  /** How often that policy's rare events came, of the units of earlier rollouts; those of which enough is known. */
  readonly baseRates: Readonly<Record<string, NonNullable<MetricSpec["base_rate"]>>>;
}
