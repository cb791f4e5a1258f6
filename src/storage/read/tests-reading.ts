import type { GatePolicy } from "../../domain/policy/policy.ts";
import type { TestsReading } from "../../domain/rollout/reading.ts";

interface FallbackRate {
  readonly model: string;
  readonly passRate: number | null;
  readonly reason: string;
}

export interface KeptReport {
  readonly cases?: number;
  readonly passed?: number;
  readonly erroredRuns?: number;
  readonly passRate?: number | null;
  readonly baselinePassRate?: number | null;
  readonly ci?: readonly [number, number] | null;
  readonly looks?: TestsReading["looks"];
  readonly reason?: string;
  readonly fallbacks?: readonly FallbackRate[];
  readonly findings?: readonly { readonly severity: string; readonly message: string }[];
}

/** What a report says of its cases. */
export function testsReading(
  report: KeptReport | null,
  verdict: TestsReading["verdict"],
  gate: Pick<GatePolicy, "min_pass_rate" | "max_regression">,
): Omit<TestsReading, "answers"> {
  const failedBy =
    verdict === "fail" ? report?.fallbacks?.find(({ reason }) => reason === report.reason) : undefined;
  const { cases = 0, passed = 0, erroredRuns: errors = 0, passRate = null, ci: fall = null } = report ?? {};
  return {
    verdict,
    cases,
    passed,
    errors,
    passRate,
    baselinePassRate: report?.baselinePassRate ?? null,
    fall,
    minPassRate: gate.min_pass_rate,
    maxRegression: gate.max_regression,
    looks: report?.looks ?? null,
    finding:
      passRate === null
        ? (report?.findings?.find(({ severity }) => severity === "error")?.message ?? null)
        : null,
    ...(failedBy && { failedBy: { model: failedBy.model, passRate: failedBy.passRate ?? 0 } }),
  };
}
