import type { GatePolicy } from "../../domain/policy/policy.ts";

/** What of a gate policy an evaluation follows. */
export type EvaluationPolicy = Pick<GatePolicy, "repeats" | "min_pass_rate" | "max_regression"> &
  Partial<Pick<GatePolicy, "judge" | "max_cost_usd" | "strict" | "max_token_growth" | "fallbacks">>;
