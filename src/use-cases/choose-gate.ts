import type { GatePolicy } from "../domain/policy/policy.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { ConfigAccess } from "../evaluation/promptfoo/config-endpoint.ts";
import type { EvaluationPolicy } from "../evaluation/evaluate.ts";
import type { LoadedPolicy } from "./load-policy.ts";

/** What a user asked to be evaluated. */
export interface EvaluationRequest {
  /** `NAME[@N]`, a prompt file, or a promptfoo configuration. */
  readonly subject: string;
  readonly baseline?: string | undefined;
  readonly datasetFile?: string | undefined;
  readonly policyFile?: string | undefined;
  /** One that was read before, in place of a file. */
  readonly policy?: LoadedPolicy | undefined;
  /** Take the place of the policy's. */
  readonly limits: Limits;
  /** A sample of the cases, asked of the policy's cheaper model. */
  readonly quick?: boolean;
  /** Both versions are asked with it, whatever they say themselves. */
  readonly temperature?: number | undefined;
  /** Least pass rate where no policy says one: every case has to pass by default. */
  readonly passRateThreshold?: number | undefined;
  /** What a promptfoo configuration may reach and know. */
  readonly access?: Partial<ConfigAccess>;
  /** Where a stored version's baseline is looked for when none is named. */
  readonly scope: (prompt: string) => ScopeColumns;
}

export type Limits = Partial<
  Pick<EvaluationPolicy, "repeats" | "min_pass_rate" | "max_regression" | "max_cost_usd">
>;

/** Without a policy every test must pass, as promptfoo has it. */
const DEFAULT_GATE: EvaluationPolicy = { repeats: 1, min_pass_rate: 1, max_regression: 0.05 };

/** The gate that counts: the policy's, with what was asked for in its place. */
export function chooseGate(
  gate: GatePolicy | undefined,
  { limits, passRateThreshold }: Pick<EvaluationRequest, "limits" | "passRateThreshold">,
): EvaluationPolicy {
  const without = {
    ...DEFAULT_GATE,
    ...(passRateThreshold !== undefined && { min_pass_rate: passRateThreshold }),
  };
  return { ...(gate ?? without), ...limits };
}

/** Limits by the names that requests have for them; what is absent stays the gate's. */
export function limitsOf({ repeats, minPassRate, maxRegression }: GivenLimits): Limits {
  return {
    ...(repeats !== undefined && { repeats }),
    ...(minPassRate !== undefined && { min_pass_rate: minPassRate }),
    ...(maxRegression !== undefined && { max_regression: maxRegression }),
  };
}

export interface GivenLimits {
  readonly repeats?: number | undefined;
  readonly minPassRate?: number | undefined;
  readonly maxRegression?: number | undefined;
}
